namespace Paas.Accounts.SignIn;

/// <summary>What a browser says it is, in two words for the list of sessions.</summary>
internal static class Device
{
    // Order matters: Edge and Opera call themselves Chrome too, Chrome calls itself Safari, Android calls itself Linux.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <summary>"Firefox on Linux"; "unknown browser" where nothing is recognised.</summary>
    public static string Of(string userAgent) => (NameIn(Browsers, userAgent), NameIn(Systems, userAgent)) switch
    {
        ({ } browser, { } system) => $"{browser} on {system}",
        ({ } browser, null) => browser,
        (null, { } system) => $"unknown browser on {system}",
        _ => "unknown browser",
    };

    private static string? NameIn((string Mark, string Name)[] table, string userAgent) =>
        table.FirstOrDefault(item => userAgent.Contains(item.Mark, StringComparison.Ordinal)).Name;
}
