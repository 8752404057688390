namespace Paas.Oci;

/// <summary>Reads from other registries (distribution-spec v1.1, "Pull"; docker token authentication).</summary>
/// <param name="http">From <see cref="RegistryHttp.Create"/>: it must not follow redirects by itself.</param>
/// <param name="time">For pauses between tries and for limits of patience.</param>
/// <remarks>Thread-safe. Of what it throws, <see cref="RegistryClientException"/> is for people.</remarks>
public sealed class RegistryClient(HttpClient http, TimeProvider time)
{
    /// <summary>How long a registry may take to begin an answer, and then be silent in the middle of one.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Before the second try of a request that may still work; doubles with each.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A repository of another registry. It remembers its access token: keep it for as long as much is asked.</summary>
    /// <param name="image">Its tag or digest does not matter here.</param>
    /// <param name="credentials">Null: as nobody.</param>
    public RemoteRepository Open(ImageReference image, RegistryCredentials? credentials) => new(http, time, this, image, credentials);

    /// <summary>Tries a login as "docker login" does.</summary>
    /// <param name="host">As <see cref="ImageReference.ParseHost"/> gives it.</param>
    /// <param name="plainHttp">Without TLS; for loopback and private addresses only.</param>
    /// <exception cref="FormatException">Not without TLS.</exception>
    /// <exception cref="RegistryClientException">It is not accepted, or the registry does not answer.</exception>
    public async Task SignInAsync(string host, bool plainHttp, RegistryCredentials credentials, CancellationToken cancellationToken)
    {
        var image = ImageReference.Parse($"{(plainHttp ? "http://" : "https://")}{(host == ImageReference.DockerHub || host.AsSpan().ContainsAny('.', ':') ? host : $"{host}:443")}/any");
        await new RemoteExchange(http, time, Patience, image, credentials).SignInAsync(cancellationToken);
    }
}

/// <summary>A login at another registry.</summary>
public sealed record RegistryCredentials(string Username, string Password)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => Username;
}

/// <summary>A manifest as another registry has it.</summary>
/// <param name="Digest">Of exactly these bytes; verified.</param>
public sealed record RemoteManifest(Digest Digest, string MediaType, byte[] Content);
