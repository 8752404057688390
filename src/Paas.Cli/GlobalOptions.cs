using System.CommandLine;

namespace Paas.Cli;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public static Option<bool> Json { get; } = new("--json") { Description = "Print one JSON document instead of text", Recursive = true };

    public static Option<string?> App { get; } = new("--app", "-a")
    {
        Description = "The app; without it, that of the git remote in the current folder",
        HelpName = "NAME",
        Recursive = true,
    };

    public static Option<string?> Url { get; } = new("--url") { Description = "The platform, such as http://localhost:8080", HelpName = "URL", Recursive = true };
}
