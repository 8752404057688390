using System.Security.Claims;

namespace Paas.Dashboard;

/// <summary>What the dashboard needs of the process that hosts it.</summary>
public sealed class DashboardOptions
{
    /// <summary>The platform as people reach it: "http://localhost:8080".</summary>
    public required Uri Platform { get; init; }

    /// <summary>A connection to the API.</summary>
    public required Func<CancellationToken, ValueTask<Stream>> Connect { get; init; }

    /// <summary>A token for the API that is bound to the session the principal was signed in by; null when that session has ended.</summary>
    public required Func<ClaimsPrincipal, CancellationToken, ValueTask<SessionToken?>> Token { get; init; }

    /// <summary>The authorization policy of every page and its circuit.</summary>
    public required string Policy { get; init; }

    /// <summary>Where one signs in.</summary>
    public string SignInPath { get; init; } = "/signin";
}

/// <param name="ExpiresAt">Another one is asked for a minute before.</param>
public sealed record SessionToken(string Value, DateTimeOffset ExpiresAt);
