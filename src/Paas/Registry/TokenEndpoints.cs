using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;

namespace Paas.Registry;

/// <summary>/v2/token: trades a token that lasts for one of half an hour and of certain repositories (distribution: "Token Authentication
/// Specification" for GET, "Docker Registry v2 authentication using OAuth2" for POST).</summary>
/// <remarks>Whoever asks for more than they may gets less, never an error: clients ask for what they might need (go-containerregistry#724).</remarks>
internal sealed class TokenEndpoints(TokenCredentials credentials, RegistryAccess access, BearerTokens bearers, OfflineTokens offline, TimeProvider time)
{
    public static readonly string[] Methods = ["GET", "POST"];

    private const string Basic = "Basic realm=\"paas\", charset=\"UTF-8\"";
    private const int LargestForm = 64 << 10;

    public async Task Handle(HttpContext context)
    {
        try
        {
            var asked = HttpMethods.IsPost(context.Request.Method) ? await PostedAsync(context) : Queried(context);
            await context.Response.WriteAsJsonAsync(Answer(asked), TokenJson.Default.TokenAnswer, cancellationToken: context.RequestAborted);
        }
        catch (RegistryError error)
        {
            // Not the challenge of the other addresses: it leads here.
            await RegistryEndpoints.Answer(context, error.Challenge is null ? error : RegistryError.Unauthorized(Basic));
        }
    }

    private TokenAnswer Answer(Asked asked)
    {
        var granted = asked.Scopes.Within(name => access.Look(asked.Caller, name).Rights);
        var token = bearers.Seal(asked.Caller, granted);
        var refresh = asked.WantsOffline ? offline.Create(asked.Caller, asked.Client) : null;
        return new TokenAnswer(token, token, granted.ToString(), (int)BearerTokens.Lifetime.TotalSeconds, time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), refresh);
    }

    private Asked Queried(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var query = context.Request.Query;
        return new Asked(Lasting(credentials.Of(context)), TokenScopes.Parse(query["scope"]), query["offline_token"] == "true", query["client_id"].ToString());
    }

    private async Task<Asked> PostedAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestForm;
        }

        IFormCollection form;
        try
        {
            form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : throw RegistryError.TokenRequestInvalid();
        }
        catch (Exception malformed) when (malformed is InvalidDataException or BadHttpRequestException)
        {
            throw RegistryError.TokenRequestInvalid();
        }

        var (user, secret) = (form["username"].ToString(), form["password"].ToString());
        var caller = form["grant_type"].ToString() switch
        {
            "password" when user.Length > 0 || secret.Length > 0 => credentials.OfPassword(context, user, secret),
            "refresh_token" => offline.Authenticate(form["refresh_token"].ToString()) ?? throw credentials.Wrong(context, ""),
            _ => throw RegistryError.TokenRequestInvalid(),
        };
        return new Asked(caller, TokenScopes.Parse(form["scope"]), form["access_type"] == "offline", form["client_id"].ToString());
    }

    /// <summary>One token of half an hour is not traded for the next: that would outlive its expiry.</summary>
    private static RegistryCaller Lasting(RegistryCaller caller) => caller.Scopes is null ? caller : throw RegistryError.Unauthorized(Basic);

    private sealed record Asked(RegistryCaller Caller, TokenScopes Scopes, bool WantsOffline, string Client);
}

/// <param name="Token">The same as <paramref name="AccessToken"/>: clients read one or the other.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="IssuedAt">RFC 3339.</param>
/// <param name="RefreshToken">Null: none was asked for.</param>
internal sealed record TokenAnswer(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("scope")] string Scope,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    [property: JsonPropertyName("issued_at")] string IssuedAt,
    [property: JsonPropertyName("refresh_token")] string? RefreshToken);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class TokenJson : JsonSerializerContext;
