namespace Paas.Engine.Native;

/// <summary>Runs one sandbox in the foreground on pipes, whichever engine runs the apps.</summary>
public sealed class Sandbox
{
    /// <summary>How ids inside map to the host.</summary>
    public SandboxIds Ids => throw new NotSupportedException();

    /// <summary>Runs to the end; cancelling kills everything in it. Mounts, network and cgroup are gone when it returns.</summary>
    public Task<ExitInfo> RunAsync(SandboxSpec spec, RunStreams streams, CancellationToken cancellationToken) => throw new NotSupportedException();
}
