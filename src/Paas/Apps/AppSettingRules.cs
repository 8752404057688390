using System.Globalization;
using System.Text.RegularExpressions;
using Paas.Client;
using Paas.State;

namespace Paas.Apps;

/// <summary>The ranges of an app's settings; the same as in the contract's comments.</summary>
internal static partial class AppSettingRules
{
    [GeneratedRegex(@"^/[!-~]{0,1023}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Path { get; }

    /// <summary>The app with the given settings; what is null stays.</summary>
    /// <exception cref="UserError">setting_invalid.</exception>
    public static App Apply(App app, UpdateApp update) => app with
    {
        DeployBranch = update.DeployBranch is null ? app.DeployBranch : Branch(update.DeployBranch),
        HealthPath = update.HealthPath switch { null => app.HealthPath, "" => null, var path => HealthPath(path) },
        HealthTimeout = Seconds("health timeout", update.HealthTimeout, 1, 600, app.HealthTimeout),
        DrainTimeout = Seconds("drain timeout", update.DrainTimeout, 0, 600, app.DrainTimeout),
        StopGrace = Seconds("stop grace", update.StopGrace, 0, 600, app.StopGrace),
        BuildTimeout = Seconds("build timeout", update.BuildTimeout, 10, 7200, app.BuildTimeout),
        ReadOnlyRoot = update.ReadOnlyRoot ?? app.ReadOnlyRoot,
        Buildpacks = update.Buildpacks is null ? app.Buildpacks : Buildpacks(update.Buildpacks),
        Builder = update.Builder is null ? app.Builder : Builder(update.Builder),
        Dockerfile = update.Dockerfile switch { null => app.Dockerfile, "" => null, var path => Dockerfile(path) },
    };

    /// <summary>git-check-ref-format(1), the rules for a branch; a leading '-' is refused too (trust rule 1).</summary>
    public static string Branch(string branch)
    {
        var good = branch is { Length: > 0 and <= 200 } and not "HEAD" and not "@"
            && !branch.Any(letter => letter <= ' ' || letter == '\x7f' || "~^:?*[\\".Contains(letter, StringComparison.Ordinal))
            && !branch.StartsWith('-') && !branch.EndsWith('.') && !branch.Contains("..", StringComparison.Ordinal) && !branch.Contains("@{", StringComparison.Ordinal)
            && branch.Split('/').All(part => part.Length > 0 && part[0] != '.' && !part.EndsWith(".lock", StringComparison.Ordinal));
        return good
            ? branch
            : throw new UserError("setting_invalid", 400, $"'{Printable.Short(branch)}' is not a branch name that git accepts: give one like 'main'.");
    }

    /// <summary>Each once, in the order given; none: the platform's order decides.</summary>
    /// <exception cref="UserError">setting_invalid, buildpack_name_invalid.</exception>
    public static string Buildpacks(IReadOnlyList<string> wanted)
    {
        var names = wanted.Where(text => text.Length > 0).Select(BuildpackName.Parse).ToList();
        return names.GroupBy(name => name.Id).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new UserError("setting_invalid", 400, $"The buildpack {twice.Key} is named twice: a build runs each once.")
            : names.Count > BuildpackName.MaxOfApp
                ? throw new UserError("setting_invalid", 400, $"An app names at most {BuildpackName.MaxOfApp} buildpacks.")
                : BuildpackName.Join(names);
    }

    private static string Builder(string builder) => builder is "auto" or "dockerfile" or "buildpacks"
        ? builder
        : throw new UserError("setting_invalid", 400, $"'{Printable.Short(builder)}' is no builder: give auto, dockerfile or buildpacks.");

    /// <summary>A file below the repository's root: it becomes an argument behind a folder, and is never looked for outside.</summary>
    private static string Dockerfile(string path)
    {
        path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        return path.Length is > 0 and <= 200 && !path.Any(char.IsControl) && path.Split('/').All(part => part is not ("" or "." or ".."))
            ? path
            : throw new UserError("setting_invalid", 400, $"'{Printable.Short(path)}' is no path of a Dockerfile in the repository: give one like 'docker/web.Dockerfile'; '' goes back to 'Dockerfile'.");
    }

    private static string HealthPath(string path) => Path.IsMatch(path)
        ? path
        : throw new UserError("setting_invalid", 400, $"'{Printable.Short(path)}' is not a health path: begin with '/', use no spaces, at most 1,024 characters; '' goes back to a TCP check.");

    private static TimeSpan Seconds(string name, int? wanted, int least, int most, TimeSpan now) => wanted switch
    {
        null => now,
        var seconds when seconds >= least && seconds <= most => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new UserError("setting_invalid", 400, string.Create(CultureInfo.InvariantCulture, $"The {name} is {least} to {most} seconds, not {wanted}.")),
    };
}
