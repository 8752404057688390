namespace Paas.State;

/// <summary>Where people reach the platform and its apps, as configured: links are made from it alone (trust rule 11).</summary>
/// <param name="BaseUrl">"http://localhost:8080": dashboard, API and git.</param>
/// <param name="BaseDomain">"localhost" or "example.com", lower case: apps answer at &lt;app&gt;.&lt;base domain&gt;.</param>
public sealed record PlatformAddress(Uri BaseUrl, string BaseDomain)
{
    /// <summary>The app's built-in host name.</summary>
    public string HostOf(string app) => $"{app}.{BaseDomain}";

    /// <summary>With scheme, and port where it is not the scheme's own: "http://hello.localhost:8080".</summary>
    public string UrlOf(string host) => BaseUrl.IsDefaultPort ? $"{BaseUrl.Scheme}://{host}" : $"{BaseUrl.Scheme}://{host}:{BaseUrl.Port}";

    /// <summary>Where to push.</summary>
    public string GitUrlOf(string app) => new Uri(BaseUrl, $"/git/{app}.git").ToString();
}
