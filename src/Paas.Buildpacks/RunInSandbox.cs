namespace Paas.Buildpacks;

/// <summary>One buildpack's command to run in a sandbox.</summary>
/// <param name="Args">Executable and arguments, as seen inside.</param>
/// <param name="Env">The whole environment.</param>
/// <param name="WorkingDirectory">As seen inside.</param>
/// <param name="Line">Takes each line of stdout and stderr.</param>
public sealed record SandboxCommand(
    IReadOnlyList<string> Args,
    IReadOnlyDictionary<string, string> Env,
    string WorkingDirectory,
    Action<string> Line);

/// <summary>Runs one command in the build sandbox to its exit code.</summary>
public delegate Task<int> RunInSandbox(SandboxCommand command, CancellationToken cancellationToken);
