namespace Paas.Oci;

/// <summary>Why another registry did not give what was asked for.</summary>
public enum RegistryFault
{
    /// <summary>It has no such repository, tag or blob.</summary>
    NotFound,

    /// <summary>It wants a login, or does not accept the one it got; some say so of what does not exist too.</summary>
    Unauthorized,

    /// <summary>It knows who asks and says no.</summary>
    Denied,

    /// <summary>Too many requests (429).</summary>
    RateLimited,

    /// <summary>No connection, or no answer in time, or an error of its own (5xx): another try may help.</summary>
    Unreachable,

    /// <summary>What answered does not speak the protocol, or sent other bytes than it promised.</summary>
    BadAnswer,

    /// <summary>Larger than a limit.</summary>
    TooLarge,

    /// <summary>An image that is not for this machine.</summary>
    OtherPlatform,
}

/// <summary>Another registry did not give what was asked for. The message is a sentence for people, without secrets.</summary>
public sealed class RegistryClientException(RegistryFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public RegistryFault Fault { get; } = fault;

    /// <summary>How long the registry asks to be left alone; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
