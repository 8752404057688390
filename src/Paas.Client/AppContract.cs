namespace Paas.Client;

// What people send of an app.

/// <summary>POST /apps.</summary>
public sealed record CreateApp(string Name)
{
    /// <summary>As in <see cref="UpdateApp"/>.</summary>
    public IReadOnlyList<string>? Buildpacks { get; init; }
}

/// <summary>PATCH /apps/{app}: null leaves a setting as it is; an empty <see cref="HealthPath"/> goes back to a TCP check.</summary>
public sealed record UpdateApp
{
    public string? Name { get; init; }

    public string? DeployBranch { get; init; }

    public string? HealthPath { get; init; }

    /// <summary>Seconds, 1-600.</summary>
    public int? HealthTimeout { get; init; }

    /// <summary>Seconds, 0-600.</summary>
    public int? DrainTimeout { get; init; }

    /// <summary>Seconds, 0-600.</summary>
    public int? StopGrace { get; init; }

    /// <summary>Seconds, 10-7200.</summary>
    public int? BuildTimeout { get; init; }

    public bool? ReadOnlyRoot { get; init; }

    /// <summary>"auto": a Dockerfile builds it when there is one and nothing chooses buildpacks; "dockerfile"; "buildpacks".</summary>
    public string? Builder { get; init; }

    /// <summary>Path of the Dockerfile in the repository; empty goes back to "Dockerfile".</summary>
    public string? Dockerfile { get; init; }

    /// <summary>Buildpacks that build it, in order, "id" or "id@version" each; an empty list goes back to the platform's order.</summary>
    public IReadOnlyList<string>? Buildpacks { get; init; }
}
