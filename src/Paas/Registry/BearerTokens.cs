using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Paas.Accounts;
using Paas.State;

namespace Paas.Registry;

/// <summary>What the token endpoint hands out: who asked and for what, for half an hour, sealed with a key of this install (HMAC-SHA256).</summary>
/// <remarks>Nothing of it is stored. Each use looks in memory whether the token that it was made with still lives: revoking that one ends
/// all that were made from it at once. The key alone decides what is believed; nothing in a token names another.</remarks>
internal sealed class BearerTokens
{
    /// <summary>Looked at when a request begins: a layer may take longer (moby#33558).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private const string Prefix = "paasb_";
    private const int LongestToken = 64 << 10;

    private readonly byte[] _key;
    private readonly Tokens _tokens;
    private readonly RobotTokens _robots;
    private readonly TimeProvider _time;

    public BearerTokens(PlatformHome home, Tokens tokens, RobotTokens robots, TimeProvider time)
    {
        // Nothing that lasts is sealed with it: where it is missing it is made anew, and clients ask for another token.
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, KeyFile.ReadOrMake(Path.Combine(home.Keys, "registry.key"), mayMake: true), KeyFile.Length, info: "registry bearer tokens"u8.ToArray());
        (_tokens, _robots, _time) = (tokens, robots, time);
    }

    public static bool LooksLikeOne(string token) => token.StartsWith(Prefix, StringComparison.Ordinal);

    /// <param name="scopes">What it is good for, at most.</param>
    public string Seal(RegistryCaller caller, TokenScopes scopes)
    {
        var (kind, id, start) = caller switch
        {
            RegistryCaller.User { Caller.TokenId: var token } => ("user", token, _tokens.HashStart(token)),
            RegistryCaller.Robot { Token: var token } => ("robot", token.Id, null),
            RegistryCaller.Node { Token: var token } => ("robot", token.Id, null),
            _ => ("", 0L, null),
        };
        var payload = JsonSerializer.SerializeToUtf8Bytes(
            new BearerClaims(kind, id, start, (_time.GetUtcNow() + Lifetime).ToUnixTimeSeconds(), scopes.Items.ToDictionary(StringComparer.Ordinal)), BearerJson.Default.BearerClaims);
        return $"{Prefix}{Base64Url.EncodeToString(payload)}.{Base64Url.EncodeToString(HMACSHA256.HashData(_key, payload))}";
    }

    /// <summary>Whose it is, with the scopes that it was sealed with; null when it is no token of ours, expired, or its origin was revoked.</summary>
    public RegistryCaller? Open(string token)
    {
        if (!LooksLikeOne(token) || token.Length > LongestToken || Claims(token.AsSpan(Prefix.Length)) is not { } claims || claims.Expires <= _time.GetUtcNow().ToUnixTimeSeconds())
        {
            return null;
        }

        RegistryCaller? caller = claims.Kind switch
        {
            "user" => claims.HashStart is { } start && _tokens.Find(claims.Id, start) is { } user ? new RegistryCaller.User(user) : null,
            "robot" => _robots.Find(claims.Id) is { } robot ? Of(robot) : null,
            _ => new RegistryCaller.Nobody(),
        };
        var end = DateTimeOffset.FromUnixTimeSeconds(claims.Expires);
        return caller is null ? null : caller with { Scopes = TokenScopes.Of(claims.Scopes), ExpiresAt = caller.ExpiresAt < end ? caller.ExpiresAt : end };
    }

    public static RegistryCaller Of(RobotToken token) =>
        token.IsNode ? new RegistryCaller.Node(token) { ExpiresAt = token.ExpiresAt } : new RegistryCaller.Robot(token) { ExpiresAt = token.ExpiresAt };

    /// <summary>Null unless this install sealed it. Not parsed before that is known.</summary>
    private BearerClaims? Claims(ReadOnlySpan<char> text)
    {
        var dot = text.IndexOf('.');
        if (dot < 0 || !Base64Url.IsValid(text[..dot]) || !Base64Url.IsValid(text[(dot + 1)..]))
        {
            return null;
        }

        var (payload, seal) = (Base64Url.DecodeFromChars(text[..dot]), Base64Url.DecodeFromChars(text[(dot + 1)..]));
        return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, payload), seal) ? JsonSerializer.Deserialize(payload, BearerJson.Default.BearerClaims) : null;
    }
}

/// <param name="Kind">"user" (an API token), "robot", or "" for nobody.</param>
/// <param name="HashStart">Of a user's token: numbers of those are given out again.</param>
/// <param name="Expires">Seconds since 1970.</param>
internal sealed record BearerClaims(
    [property: JsonPropertyName("k")] string Kind,
    [property: JsonPropertyName("i")] long Id,
    [property: JsonPropertyName("h")] byte[]? HashStart,
    [property: JsonPropertyName("e")] long Expires,
    [property: JsonPropertyName("s")] IReadOnlyDictionary<string, RegistryRights> Scopes);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BearerClaims))]
internal sealed partial class BearerJson : JsonSerializerContext;
