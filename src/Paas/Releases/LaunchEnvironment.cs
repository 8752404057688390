using System.Globalization;
using Paas.Apps;

namespace Paas.Releases;

/// <summary>What a process of a release is started with.</summary>
public static class LaunchEnvironment
{
    /// <summary>The port that every web process is told; instances have addresses of their own, so it never collides.</summary>
    public const int Port = 8080;

    /// <summary>The launcher itself: runs what follows "--" directly, one string as a shell line inside the image.</summary>
    public static IReadOnlyList<string> Launcher { get; } = ["/cnb/lifecycle/launcher"];

    /// <summary>The launcher finds the process by the name it is called by (CNB platform spec 0.15, "Launch"). Null: the image's own entrypoint and command.</summary>
    public static IReadOnlyList<string>? Entrypoint(Release release, string type) => release.Run is { Launcher: false } ? null : [$"/cnb/process/{type}"];

    /// <summary>A one-off's entrypoint and arguments: one string is a shell line inside the image, several are run directly (CNB platform spec 0.15, "Launch").
    /// An image that no buildpack made has no launcher, and often no bash.</summary>
    public static (IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Args) OneOff(Release release, IReadOnlyList<string> command) => (release.Run, command) switch
    {
        ({ Launcher: false }, [var line]) => ([], ["/bin/sh", "-c", line]),
        ({ Launcher: false }, _) => ([], command),
        (_, [var line]) => (Launcher, ["--", "bash", "-c", line]),
        _ => (Launcher, ["--", .. command]),
    };

    /// <param name="port">Null for a process that takes no traffic.</param>
    public static IReadOnlyDictionary<string, string> Of(App app, Release release, string type, int? port)
    {
        var env = release.Config.ToDictionary(item => item.Name, item => item.Value, StringComparer.Ordinal);
        env["PAAS_APP"] = app.Name;
        env["PAAS_RELEASE"] = release.Tag;
        env["PAAS_PROCESS"] = type;
        if (release.Commit is { } commit)
        {
            env["PAAS_COMMIT"] = commit;
        }

        if (port is { } number)
        {
            env["PORT"] = number.ToString(CultureInfo.InvariantCulture);
        }

        return env;
    }
}
