using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Paas.Git;

/// <summary>Starts git as its own user with next to no environment: a stranger's pack is never parsed as root (architecture, "Processes").</summary>
internal sealed class GitProcess(IOptions<GitOptions> options)
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Who git runs as; null: as this process. Without root there is no choice.</summary>
    /// <exception cref="InvalidOperationException">The user is missing on this machine.</exception>
    public SystemUser? User { get; } = options.Value.User is { } name && SystemUser.Self == 0
        ? SystemUser.Find(name) ?? throw new InvalidOperationException($"The system user '{name}', as whom git runs, is missing. install/quickstart.sh makes it.")
        : null;

    /// <summary>Started with all three streams on pipes; the caller reads them and disposes it.</summary>
    /// <param name="arguments">Of git; values from outside stand after "--" or begin with "refs/" or "/".</param>
    /// <param name="environment">Added to the minimum.</param>
    /// <param name="largestFile">Bytes that it may write into one file; null: any.</param>
    public Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, long? largestFile = null)
    {
        var start = new ProcessStartInfo("prlimit", [.. Limits(options.Value.MaxMemory, largestFile), .. User is null ? [] : Prefix(User), "git", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var (name, value) in Minimum.Concat(environment ?? new Dictionary<string, string>()))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("git did not start.");
    }

    /// <summary>Runs git to its end and gives what it wrote on stdout.</summary>
    /// <exception cref="GitException">It failed.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        var (exitCode, output, errors) = await TryAsync(arguments, environment, cancellationToken);
        return exitCode == 0 ? output : throw new GitException(arguments, exitCode, errors);
    }

    /// <summary>Runs git to its end, whatever that is.</summary>
    public Task<(int ExitCode, string Output, string Errors)> TryAsync(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken) =>
        TryAsync(arguments, environment, null, cancellationToken);

    /// <summary>The same, and no file may grow beyond so many bytes.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> TryAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, long? largestFile, CancellationToken cancellationToken)
    {
        using var process = Start(arguments, environment, largestFile);
        using var killed = cancellationToken.Register(process.Kill);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, output, await errors);
    }

    /// <remarks>Files above the threshold are streamed and never held as a whole (git-config(1)).</remarks>
    private static Dictionary<string, string> Minimum { get; } = new(StringComparer.Ordinal)
    {
        ["PATH"] = SearchPath,
        ["HOME"] = "/nonexistent",
        ["LC_ALL"] = "C.UTF-8",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_CONFIG_COUNT"] = "3",
        ["GIT_CONFIG_KEY_0"] = "core.bigFileThreshold",
        ["GIT_CONFIG_VALUE_0"] = "32m",
        ["GIT_CONFIG_KEY_1"] = "pack.windowMemory",
        ["GIT_CONFIG_VALUE_1"] = "64m",
        ["GIT_CONFIG_KEY_2"] = "pack.threads",
        ["GIT_CONFIG_VALUE_2"] = "1",
    };

    /// <summary>prlimit(1).</summary>
    private static string[] Limits(long memory, long? largestFile) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"--data={memory}"),
        "--core=0",
        .. largestFile is { } most ? (string[])[string.Create(CultureInfo.InvariantCulture, $"--fsize={most}")] : [],
        "--",
    ];

    private static string[] Prefix(SystemUser user) =>
        ["setpriv", $"--reuid={user.Uid}", $"--regid={user.Gid}", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"];
}

/// <summary>git failed where it should not have.</summary>
internal sealed class GitException(IReadOnlyList<string> arguments, int exitCode, string errors)
    : Exception($"git {string.Join(' ', arguments)} ended with {exitCode}: {Printable.Show(errors.Trim())}");
