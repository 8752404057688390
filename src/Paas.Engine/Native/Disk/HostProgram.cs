using System.ComponentModel;
using System.Diagnostics;

namespace Paas.Engine.Native.Disk;

/// <summary>Runs a program of the host to its end: argument arrays only, never a shell (trust rule 1).</summary>
public static class HostProgram
{
    private static readonly Dictionary<string, string> NoMore = [];

    /// <summary>Runs to the end; what it prints on stdout is the result.</summary>
    /// <param name="env">Set on top of the platform's own environment.</param>
    /// <exception cref="HostProgramException">It ended with another code than 0, or is not installed.</exception>
    public static async Task<string> OutputAsync(string program, IReadOnlyList<string> args, IReadOnlyDictionary<string, string> env, CancellationToken cancellationToken) =>
        await EndAsync(program, args, env, cancellationToken).ConfigureAwait(false) switch
        {
            null => throw new HostProgramException(program, args, HostProgramException.NotInstalled, []),
            (0, var output, _) => output,
            var (exit, output, error) => throw new HostProgramException(program, args, exit, $"{output}{error}".Trim().Split('\n')),
        };

    /// <exception cref="HostProgramException">It failed or is missing; the message holds the command and its words.</exception>
    internal static async Task RunAsync(string program, IReadOnlyList<string> args, CancellationToken cancellationToken) =>
        await OutputAsync(program, args, NoMore, cancellationToken).ConfigureAwait(false);

    /// <returns>Exit code and what it wrote (errors last); null when the machine has no such program.</returns>
    internal static async Task<(int Exit, string Output)?> TryRunAsync(string program, IReadOnlyList<string> args, CancellationToken cancellationToken) =>
        await EndAsync(program, args, NoMore, cancellationToken).ConfigureAwait(false) is var (exit, output, error) ? (exit, $"{output}{error}".Trim()) : null;

    private static async Task<(int Exit, string Output, string Error)?> EndAsync(
        string program, IReadOnlyList<string> args, IReadOnlyDictionary<string, string> env, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in env)
        {
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e) when (e.NativeErrorCode == 2 /* ENOENT */)
        {
            return null;
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>A program of the host failed, or is not there.</summary>
/// <param name="lines">What it wrote; the last of them are kept.</param>
public sealed class HostProgramException(string program, IReadOnlyList<string> args, int exitCode, IReadOnlyList<string> lines)
    : EngineException(exitCode == NotInstalled
        ? $"The program {program} is missing: install it and start again."
        : $"{program} {string.Join(' ', args)} failed with exit code {exitCode}: {string.Join('\n', lines.TakeLast(Tail))}")
{
    /// <summary>As a shell would say it (POSIX, "Exit Status for Commands").</summary>
    public const int NotInstalled = 127;

    private const int Tail = 20;

    public string Program { get; } = program;

    /// <summary><see cref="NotInstalled"/>: there is no such program.</summary>
    public int ExitCode { get; } = exitCode;

    public IReadOnlyList<string> LastLines { get; } = [.. lines.TakeLast(Tail)];
}
