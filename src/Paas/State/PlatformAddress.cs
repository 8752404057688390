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

    /// <summary>Where images are pushed to and pulled from, as docker wants it: without a scheme. On a machine of one's own every client knows localhost,
    /// but not every one finds names below it.</summary>
    public string RegistryHost => BaseDomain is "localhost" || BaseDomain.EndsWith(".localhost", StringComparison.Ordinal)
        ? BaseUrl.Authority
        : new Uri(UrlOf($"registry.{BaseDomain}")).Authority;

    /// <summary>Where to push.</summary>
    public string GitUrlOf(string app) => new Uri(BaseUrl, $"/git/{app}.git").ToString();
}
