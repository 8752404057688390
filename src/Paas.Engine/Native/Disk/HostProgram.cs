using System.ComponentModel;
using System.Diagnostics;

namespace Paas.Engine.Native.Disk;

/// <summary>Runs a program of the host to its end: argument arrays only, never a shell.</summary>
internal static class HostProgram
{
    /// <returns>Exit code and what it wrote (errors last); null when the machine has no such program.</returns>
    public static async Task<(int Exit, string Output)?> TryRunAsync(string program, IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
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
            return (process.ExitCode, (await output.ConfigureAwait(false) + await error.ConfigureAwait(false)).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <exception cref="EngineException">It failed or is missing; the message holds the command and its words.</exception>
    public static async Task RunAsync(string program, IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        switch (await TryRunAsync(program, args, cancellationToken).ConfigureAwait(false))
        {
            case null:
                throw new EngineException($"The program {program} is missing: install it and start again.");
            case (not 0, _) and var (exit, output):
                throw new EngineException($"{program} {string.Join(' ', args)} failed with exit code {exit}: {output}");
        }
    }
}
