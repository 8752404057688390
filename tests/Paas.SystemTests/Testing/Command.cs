using System.Diagnostics;
using System.Text;

namespace Paas.Testing;

/// <summary>How a program ended.</summary>
public sealed record Ended(int Code, string Output, string Error)
{
    /// <summary>Both streams, as a person sees them.</summary>
    public string All => Output + Error;

    public Ended Succeeded()
    {
        Assert.True(Code == 0, $"exit {Code}\n{All}");
        return this;
    }
}

/// <summary>Runs a program to its end.</summary>
public static class Command
{
    public static async Task<Ended> RunAsync(string file, IEnumerable<string> arguments, CancellationToken cancellationToken, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? "" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = ReadAsync(process.StandardOutput, cancellationToken);
        var error = ReadAsync(process.StandardError, cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return new Ended(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            text.Append(buffer, 0, count);
        }

        return text.ToString();
    }
}
