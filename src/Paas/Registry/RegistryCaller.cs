using Paas.Accounts;

namespace Paas.Registry;

/// <summary>Who asks the registry.</summary>
internal abstract record RegistryCaller
{
    private RegistryCaller()
    {
    }

    /// <summary>For the activity log.</summary>
    public abstract string Name { get; }

    /// <summary>Null: of no team.</summary>
    public abstract long? TeamId { get; }

    /// <summary>What the token of the token endpoint was asked for; nothing else is allowed with it. Null: it proved itself another way.</summary>
    public TokenScopes? Scopes { get; init; }

    /// <summary>When what it proved itself with ends by itself; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Without credentials: pulls what is public.</summary>
    public sealed record Nobody : RegistryCaller
    {
        public override string Name => "anonymous";

        public override long? TeamId => null;
    }

    /// <summary>By an API token: everything of the team's.</summary>
    public sealed record User(Caller Caller) : RegistryCaller
    {
        public override string Name => Caller.Name;

        public override long? TeamId => Caller.TeamId;
    }

    /// <summary>By a robot token: what its patterns name, of its team's.</summary>
    public sealed record Robot(RobotToken Token) : RegistryCaller
    {
        public override string Name => $"robot {Token.Name}";

        public override long? TeamId => Token.TeamId;
    }

    /// <summary>A server of the platform: pulls the images of what runs there.</summary>
    public sealed record Node(RobotToken Token) : RegistryCaller
    {
        public override string Name => $"node {Token.Name}";

        public override long? TeamId => null;
    }
}
