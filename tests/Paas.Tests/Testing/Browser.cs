using System.Net;
using System.Text.RegularExpressions;

namespace Paas.Testing;

/// <summary>What a browser does around a page: keeps cookies, says where a request comes from, posts forms with what is hidden in them.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="url">Of the platform.</param>
    public Browser(Uri url) => _http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = url };

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"")]
    private static partial Regex FormToken { get; }

    public CookieContainer Cookies { get; } = new();

    /// <summary>What the next requests say about their origin; null leaves the header out.</summary>
    public string? Origin { get; set; }

    public string? FetchSite { get; set; } = "same-origin";

    /// <summary>As the platform's own pages say it.</summary>
    public string OwnOrigin => _http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    public string UserAgent { get; set; } = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    public Cookie? Session => Cookies.GetAllCookies().FirstOrDefault(cookie => cookie.Name == "paas_session");

    public void Dispose() => _http.Dispose();

    public Task<HttpResponseMessage> GetAsync(string path, string accept = "text/html") => SendAsync(HttpMethod.Get, path, null, accept);

    public async Task<string> PageAsync(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var response = await GetAsync(path);
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Opens a page, fills its form in and sends it.</summary>
    /// <param name="action">Where the form goes; null: to the page itself.</param>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string? action, params (string Name, string Value)[] fields) =>
        await PostAsync(action ?? page, [("__RequestVerificationToken", await TokenOfAsync(page)), .. fields]);

    /// <summary>The antiforgery token of the page's first form.</summary>
    public async Task<string> TokenOfAsync(string page) => TokenIn(await PageAsync(page));

    public static string TokenIn(string html) => FormToken.Match(html).Groups["token"].Value;

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), "text/html");

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (FetchSite is not null)
        {
            request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", FetchSite);
        }

        if (Origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", Origin);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
