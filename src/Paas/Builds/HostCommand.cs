using System.Diagnostics;

namespace Paas.Builds;

/// <summary>Runs one program of the host: argument array, no shell (trust rule 1).</summary>
internal static class HostCommand
{
    /// <summary>Lines kept for a failure's message.</summary>
    private const int Tail = 20;

    /// <summary>Runs to the end; what it prints on stdout is the result.</summary>
    /// <param name="env">Set on top of the platform's own environment.</param>
    /// <exception cref="HostCommandException">It ended with another code than 0, or is not installed.</exception>
    public static async Task<string> RunAsync(
        string program, IReadOnlyList<string> args, IReadOnlyDictionary<string, string> env, Action<string>? stderrLine, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in env)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        process.StandardInput.Close();
        var last = new Queue<string>();
        var stderr = ReadLinesAsync();
        try
        {
            var stdout = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await stderr;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? stdout : throw new HostCommandException(program, process.ExitCode, [.. last]);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        async Task ReadLinesAsync()
        {
            while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
            {
                stderrLine?.Invoke(line);
                last.Enqueue(line);
                if (last.Count > Tail)
                {
                    last.Dequeue();
                }
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new HostCommandException(start.FileName, 127, [e.Message]);
        }
    }
}

/// <summary>A program of the host failed. The message holds its last lines.</summary>
internal sealed class HostCommandException(string program, int exitCode, IReadOnlyList<string> lastLines)
    : Exception($"{program} ended with exit code {exitCode}: {string.Join('\n', lastLines)}")
{
    public string Program { get; } = program;

    /// <summary>127: not installed.</summary>
    public int ExitCode { get; } = exitCode;

    public IReadOnlyList<string> LastLines { get; } = lastLines;
}
