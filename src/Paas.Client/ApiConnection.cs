using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Paas.Client;

/// <summary>Requests to /api/v1 of one platform with one token; what is not a success becomes a <see cref="ProblemException"/>.</summary>
internal sealed class ApiConnection : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="token">Null: nobody.</param>
    /// <param name="ownsHandler">False: others use it too.</param>
    public ApiConnection(Uri platform, string? token, HttpMessageHandler handler, bool ownsHandler)
    {
        BaseAddress = new Uri(platform, "/api/v1/");
        Token = token;
        // Without a timeout of its own: a change answers when the new instances serve, which may take minutes.
        _http = new HttpClient(handler, ownsHandler) { BaseAddress = BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("paas-client", "1"));
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Uri BaseAddress { get; }

    public string? Token { get; }

    public void Dispose() => _http.Dispose();

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, type, cancellationToken);

    public async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var response = await OpenAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false) ?? throw NotTheApi(response.StatusCode);
        }
        catch (JsonException)
        {
            throw NotTheApi(response.StatusCode);
        }
    }

    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await OpenAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The answer once its head is there.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ProblemOfAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error) when (error.GetBaseException() is SocketException why)
        {
            throw new HttpRequestException(error.HttpRequestError, $"{BaseAddress.GetLeftPart(UriPartial.Authority)} does not answer ({why.Message}).", error);
        }
    }

    public static HttpContent Body<T>(T value, JsonTypeInfo<T> type) => JsonContent.Create(value, type);

    private static async Task<ProblemException> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json")
        {
            try
            {
                var problem = await response.Content.ReadFromJsonAsync(ContractJson.Default.Problem, cancellationToken).ConfigureAwait(false);
                return new ProblemException(status, problem?.Code ?? "http", problem?.Detail ?? problem?.Title ?? $"The platform answered {status}.");
            }
            catch (JsonException)
            {
                return NotTheApi(response.StatusCode);
            }
        }

        return status is 502 or 503 or 504
            ? new ProblemException(status, "unavailable", $"The platform does not answer at the moment (HTTP {status}): it may be starting. Try again in a few seconds.")
            : NotTheApi(response.StatusCode);
    }

    private static ProblemException NotTheApi(HttpStatusCode status) =>
        new((int)status, "http", $"What answers there (HTTP {(int)status}) is not this platform's API. Check the URL.");
}
