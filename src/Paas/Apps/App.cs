namespace Paas.Apps;

/// <summary>An app and its settings.</summary>
public sealed record App
{
    public required long Id { get; init; }

    public required long TeamId { get; init; }

    public required string Name { get; init; }

    /// <summary>What the engine knows it by: never changes, so that a rename moves nothing.</summary>
    public string EngineName => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a{Id}");

    /// <summary>Null until main or master is pushed for the first time.</summary>
    public string? DeployBranch { get; init; }

    /// <summary>Null: a TCP connect is the health check.</summary>
    public string? HealthPath { get; init; }

    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan BuildTimeout { get; init; } = TimeSpan.FromMinutes(15);

    public bool ReadOnlyRoot { get; init; }

    /// <summary>Buildpacks that build it, in order, as <see cref="BuildpackName.Join"/> writes them; empty: the platform's order decides.</summary>
    public string Buildpacks { get; init; } = "";

    /// <summary>"auto", "dockerfile" or "buildpacks".</summary>
    public string Builder { get; init; } = "auto";

    /// <summary>Path of the Dockerfile in the repository; null: "Dockerfile".</summary>
    public string? Dockerfile { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One config var, decrypted.</summary>
/// <param name="RunOnly">Does not reach builds.</param>
/// <param name="Plain">Not secret: not redacted from logs.</param>
public sealed record ConfigVar(string Name, string Value, bool RunOnly, bool Plain);

/// <summary>How many instances of a process type, and how large each.</summary>
public sealed record Formation(string Type, int Count, int MemoryMb = 512, int Pids = 512, int DiskMb = 1024);
