using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Paas.Oci;

/// <summary>Requests to one repository of another registry: signs them, follows redirects without taking the credentials to another host, and makes
/// sentences of refusals.</summary>
internal sealed class RemoteExchange(HttpClient http, TimeProvider time, TimeSpan patience, ImageReference image, RegistryCredentials? credentials)
{
    private const int MaxRedirects = 5;
    private const int MaxAnswer = 1 << 20;

    private volatile AuthenticationHeaderValue? _authorization;
    private bool _scopeless;

    private string What => $"{image.Host}/{image.Repository}";

    /// <summary>Returns an answer with a good status, 404 or 416; its body is not read yet. Everything else is an exception.</summary>
    /// <exception cref="RegistryClientException">Any fault but <see cref="RegistryFault.NotFound"/>.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, IReadOnlyList<string> accept, long from, CancellationToken cancellationToken) =>
        SendAsync(method, new Uri(image.Registry, $"/v2/{image.Repository}/{path}"), accept, from, cancellationToken);

    /// <summary>The ping with credentials (distribution-spec v1.1, "Determining Support"); the token of a login has no scope.</summary>
    /// <exception cref="RegistryClientException">They are not accepted, or the registry does not answer.</exception>
    public async Task SignInAsync(CancellationToken cancellationToken)
    {
        _scopeless = true;
        using var response = await SendAsync(HttpMethod.Get, new Uri(image.Registry, "/v2/"), [], 0, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Bad("has nothing at /v2/");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri url, IReadOnlyList<string> accept, long from, CancellationToken cancellationToken)
    {
        var challenged = false;
        for (var redirects = 0; ;)
        {
            var response = await AskAsync(method, url, accept, from, cancellationToken);
            switch (response.StatusCode)
            {
                case HttpStatusCode.Unauthorized when !challenged && IsRegistry(url):
                    challenged = true;
                    using (response)
                    {
                        _authorization = await AuthorizeAsync(response, cancellationToken);
                    }

                    break;
                case HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect:
                    using (response)
                    {
                        url = response.Headers.Location is { } location ? new Uri(url, location) : throw Bad("redirects without saying where");
                    }

                    if (++redirects > MaxRedirects || (url.Scheme != Uri.UriSchemeHttps && !(image.PlainHttp && url.Scheme == Uri.UriSchemeHttp)))
                    {
                        throw Bad(redirects > MaxRedirects ? "redirects without end" : "redirects to an address without TLS");
                    }

                    break;
                case HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable:
                case >= (HttpStatusCode)200 and < (HttpStatusCode)300:
                    return response;
                default:
                    using (response)
                    {
                        throw await RefusedAsync(response, cancellationToken);
                    }
            }
        }
    }

    public RegistryClientException Bad(string what) => new(RegistryFault.BadAnswer, $"{image.Host} {what}: that is no registry, or a broken one.");

    /// <summary>A small body.</summary>
    /// <exception cref="RegistryClientException">It is larger than the limit, or stopped in the middle.</exception>
    public async Task<byte[]> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(patience);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(late.Token);
            var content = new MemoryStream();
            var buffer = new byte[16 << 10];
            for (var count = -1; count != 0;)
            {
                count = await body.ReadAsync(buffer, late.Token);
                await content.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                if (content.Length > limit)
                {
                    throw new RegistryClientException(RegistryFault.TooLarge, $"{image.Host} sent a document of more than {limit >> 20} MB for {What}.");
                }
            }

            return content.ToArray();
        }
        catch (Exception error) when (error is IOException or HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Unreachable(error);
        }
    }

    public RegistryClientException Unreachable(Exception error) => new(
        RegistryFault.Unreachable,
        error is OperationCanceledException
            ? $"{image.Host} did not answer within {patience.TotalSeconds:0} s: try again later."
            : $"{image.Host} cannot be reached ({Innermost(error).TrimEnd('.')}).",
        error);

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, Uri url, IReadOnlyList<string> accept, long from, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, url);
        foreach (var type in accept)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }

        if (IsRegistry(url))
        {
            request.Headers.Authorization = _authorization;
        }

        return await SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(patience);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token);
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Unreachable(error);
        }
    }

    /// <summary>Scheme, host and port: all that a credential belongs to.</summary>
    private bool IsRegistry(Uri url) => url.GetLeftPart(UriPartial.Authority) == image.Registry.GetLeftPart(UriPartial.Authority);

    private async Task<AuthenticationHeaderValue> AuthorizeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var challenges = RegistryChallenge.Parse(response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var headers) ? [.. headers] : []);
        if (challenges.FirstOrDefault(item => item.Scheme == "bearer") is { } bearer)
        {
            return new AuthenticationHeaderValue("Bearer", await TokenAsync(bearer, cancellationToken));
        }

        return challenges.Any(item => item.Scheme == "basic") ? Basic() ?? throw Unauthorized() : throw Unauthorized();
    }

    private AuthenticationHeaderValue? Basic() => credentials is null
        ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.Username}:{credentials.Password}")));

    /// <summary>The GET form, which every token server has.</summary>
    private async Task<string> TokenAsync(RegistryChallenge challenge, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(challenge.Parameters.GetValueOrDefault("realm"), UriKind.Absolute, out var realm)
            || (realm.Scheme != Uri.UriSchemeHttps && !(image.PlainHttp && realm.Scheme == Uri.UriSchemeHttp)))
        {
            throw Bad("names no address with TLS to sign in at");
        }

        var query = new StringBuilder(realm.Query.TrimStart('?'));
        Add("service", challenge.Parameters.GetValueOrDefault("service"));
        Add("scope", challenge.Parameters.GetValueOrDefault("scope") is { Length: > 0 } scope ? scope : _scopeless ? null : $"repository:{image.Repository}:pull");
        Add("account", credentials?.Username);
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
        request.Headers.Authorization = Basic();
        using var response = await SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await RefusedAsync(response, cancellationToken);
        }

        try
        {
            var answer = JsonSerializer.Deserialize(await ReadAsync(response, MaxAnswer, cancellationToken), RegistryClientJson.Default.TokenAnswer);
            return (answer?.Token ?? answer?.AccessToken) is { Length: > 0 } token && !token.AsSpan().ContainsAnyExceptInRange('!', '~')
                ? token
                : throw Bad("gives no token to sign in with");
        }
        catch (JsonException)
        {
            throw Bad("gives no token to sign in with");
        }

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Append(query.Length > 0 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }

    private RegistryClientException Unauthorized() => new(
        RegistryFault.Unauthorized,
        _scopeless ? $"{image.Host} does not accept this user name and password: check both. Many registries want an access token in the password's place."
            : credentials is null
            ? $"{image.Host} does not show {image.Repository} to everybody, or has no such image: check the name, and sign in with: paas registry login {image.Host}"
            : $"{image.Host} does not accept the login of '{credentials.Username}' for {image.Repository}, or has no such image. Sign in anew with: paas registry login {image.Host}");

    private async Task<RegistryClientException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var said = await SaidAsync(response, cancellationToken);
        return (int)response.StatusCode switch
        {
            401 => Unauthorized(),
            403 => new(RegistryFault.Denied, $"{image.Host} denies access to {image.Repository}{said}. Sign in as somebody who may pull it: paas registry login {image.Host}"),
            429 => new(RegistryFault.RateLimited, $"{image.Host} has had too many requests from here{said}: try again later, or sign in with: paas registry login {image.Host}")
            {
                RetryAfter = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null,
            },
            var status and >= 500 => new(RegistryFault.Unreachable, $"{image.Host} answers {status} for {image.Repository}{said}: try again later."),
            var status => new(RegistryFault.BadAnswer, $"{image.Host} answers {status} for {image.Repository}{said}."),
        };
    }

    /// <summary>The first message of the spec's error document, as " (...)"; empty when there is none.</summary>
    private async Task<string> SaidAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var errors = JsonSerializer.Deserialize(await ReadAsync(response, MaxAnswer, cancellationToken), RegistryClientJson.Default.ErrorAnswer)?.Errors;
            var first = errors is [{ } error, ..] ? (string.IsNullOrEmpty(error.Message) ? error.Code : error.Message) ?? "" : "";
            return first.Length == 0 ? "" : $" ({EntryName.Show(Encoding.UTF8.GetBytes(first)).TrimEnd('.')})";
        }
        catch (Exception error) when (error is JsonException or RegistryClientException)
        {
            return "";
        }
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error.Message;
    }
}

internal sealed record TokenAnswer([property: JsonPropertyName("token")] string? Token, [property: JsonPropertyName("access_token")] string? AccessToken);

internal sealed record ErrorAnswer([property: JsonPropertyName("errors")] IReadOnlyList<ErrorAnswer.Item>? Errors)
{
    internal sealed record Item([property: JsonPropertyName("code")] string? Code, [property: JsonPropertyName("message")] string? Message);
}

[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class RegistryClientJson : JsonSerializerContext;
