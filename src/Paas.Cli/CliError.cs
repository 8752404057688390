namespace Paas.Cli;

/// <summary>A command that ends here: one sentence on stderr and an exit code.</summary>
internal sealed class CliError(int exitCode, string sentence) : Exception(sentence)
{
    public int ExitCode => exitCode;

    /// <summary>The person asked for something that cannot be meant.</summary>
    public static CliError Usage(string sentence) => new(ExitCodes.Usage, sentence);
}

/// <summary>Exit codes of every command but `run`, which returns its command's own.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Refused = 1;
    public const int Usage = 2;
    public const int NoPlatform = 3;

    /// <summary>As shells have it for SIGINT: 128 + 2.</summary>
    public const int Interrupted = 130;
}
