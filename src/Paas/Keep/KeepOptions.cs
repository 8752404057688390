namespace Paas.Keep;

/// <summary>What `paasd keep` keeps alive.</summary>
public sealed class KeepOptions
{
    /// <summary>The platform's state (PAAS_HOME).</summary>
    public string Home { get; init; } = "/var/lib/paas";

    /// <summary>Program of the roles, called with the role's name: this binary, unless a test says otherwise.</summary>
    public string Executable { get; init; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? Path.Combine(AppContext.BaseDirectory, "paasd")
        : Environment.ProcessPath!;

    /// <summary>The native program that keeps them, src/native/keep.c.</summary>
    public string Keeper { get; init; } = Path.Combine(AppContext.BaseDirectory, "native", "keep");

    /// <summary>The edge runs as this user, if it exists and this process may change users.</summary>
    public string EdgeUser { get; init; } = EdgeAccount.Name;

    /// <summary>A role that ran this long is started again at once when it ends.</summary>
    public TimeSpan GoodRun { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a role may take to stop before it is killed.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A role's log is copied aside and cut when it is larger.</summary>
    public long LogBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>From PAAS_HOME.</summary>
    public static KeepOptions FromEnvironment(Func<string, string?> variable) =>
        variable("PAAS_HOME") is { Length: > 0 } home ? new KeepOptions { Home = home } : new KeepOptions();
}
