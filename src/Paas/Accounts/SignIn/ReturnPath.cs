namespace Paas.Accounts.SignIn;

/// <summary>Where to go after signing in: a path on this platform, never another site (no open redirect).</summary>
internal static class ReturnPath
{
    public const string Home = "/";

    private const int Longest = 2000;

    /// <summary>What is not a plain path of ours becomes "/". Browsers read "//host" and "/\host" as another host, and drop tabs and line ends.</summary>
    public static string Of(string? asked) =>
        asked is ['/', .. var rest] && asked.Length <= Longest
        && rest is not ['/', ..]
        && !rest.AsSpan().ContainsAny('\\', '\x7f') && !rest.Any(char.IsControl)
        && !IsAt(asked, "/signin") && !IsAt(asked, "/signout") && !IsAt(asked, "/api")
            ? asked
            : Home;

    /// <summary>The sign-in page that leads back there.</summary>
    /// <param name="ended">It says that a session has ended.</param>
    public static string SignInPage(string asked, bool ended) => (Of(asked), ended) switch
    {
        (Home, false) => "/signin",
        (Home, true) => "/signin?problem=ended",
        (var path, false) => $"/signin?return={Uri.EscapeDataString(path)}",
        (var path, true) => $"/signin?problem=ended&return={Uri.EscapeDataString(path)}",
    };

    private static bool IsAt(string path, string place) =>
        path.StartsWith(place, StringComparison.OrdinalIgnoreCase) && (path.Length == place.Length || path[place.Length] is '/' or '?' or '#');
}
