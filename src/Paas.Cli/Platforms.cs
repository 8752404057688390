namespace Paas.Cli;

/// <summary>Which platform a command goes to: --url, else PAAS_URL with PAAS_TOKEN, else the one of PAAS_HOME, else the one signed in to last.</summary>
internal static class Platforms
{
    private const string Default = "http://localhost:8080";

    /// <param name="Token">Null: not signed in there.</param>
    public sealed record Choice(Uri Url, string? Token);

    /// <exception cref="CliError">There is nothing to choose, or what is named cannot be one.</exception>
    public static Choice Choose(string? urlOption, Surroundings surroundings, Credentials credentials)
    {
        var url = Named(urlOption, surroundings) ?? credentials.Current;
        if (url is null)
        {
            throw new CliError(ExitCodes.NoPlatform, "You are not signed in. Sign in with: paas login --url URL");
        }

        return new Choice(url, TokenOf(url, surroundings, credentials));
    }

    /// <summary>Where `login` goes: as every command, else the platform that quickstart makes.</summary>
    public static Uri ForLogin(string? urlOption, Surroundings surroundings, Credentials credentials) =>
        Named(urlOption, surroundings) ?? credentials.Current ?? Parse(Default);

    /// <summary>PAAS_TOKEN belongs to PAAS_URL: no other platform ever sees it.</summary>
    public static string? TokenOf(Uri url, Surroundings surroundings, Credentials credentials) =>
        surroundings.Variable("PAAS_TOKEN") is { } token && surroundings.Variable("PAAS_URL") is { } named && Parse(named) == url ? token : credentials.TokenOf(url);

    /// <exception cref="CliError">It is no http or https URL.</exception>
    public static Uri Parse(string text)
    {
        var whole = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(whole.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.UserInfo.Length == 0
            ? new Uri(url.GetLeftPart(UriPartial.Authority))
            : throw CliError.Usage($"'{text}' is not the URL of a platform. Example: --url http://localhost:8080");
    }

    /// <summary>"http://localhost:8080", without a slash at the end.</summary>
    public static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private static Uri? Named(string? urlOption, Surroundings surroundings)
    {
        if ((urlOption ?? surroundings.Variable("PAAS_URL")) is { } named)
        {
            return Parse(named);
        }

        if (surroundings.Variable("PAAS_HOME") is not { } home)
        {
            return null;
        }

        try
        {
            return Parse(File.ReadAllText(Path.Combine(home, "url")).Trim());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Never another platform than the one that was named.
            throw new CliError(ExitCodes.NoPlatform, $"PAAS_HOME is {home}, but no platform was started there (no file {Path.Combine(home, "url")}). Start it with install/quickstart.sh, or name one with --url.");
        }
    }
}
