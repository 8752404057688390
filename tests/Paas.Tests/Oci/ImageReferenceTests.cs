namespace Paas.Oci;

public sealed class ImageReferenceTests
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("nginx", "docker.io/library/nginx:latest")]
    [InlineData("nginx:1.27", "docker.io/library/nginx:1.27")]
    [InlineData("team/app", "docker.io/team/app:latest")]
    [InlineData("docker.io/nginx", "docker.io/library/nginx:latest")]
    [InlineData("index.docker.io/team/app:1", "docker.io/team/app:1")]
    [InlineData("ghcr.io/team/app:1.2", "ghcr.io/team/app:1.2")]
    [InlineData("https://ghcr.io/team/app", "ghcr.io/team/app:latest")]
    [InlineData("localhost/app", "localhost/app:latest")]
    [InlineData("Registry.Example.COM:5000/a/b/c:x", "registry.example.com:5000/a/b/c:x")]
    [InlineData("http://127.0.0.1:5000/app:1", "127.0.0.1:5000/app:1")]
    [InlineData("[::1]:5000/app", "[::1]:5000/app:latest")]
    [InlineData("app:1@sha256:" + Hex, "docker.io/library/app@sha256:" + Hex)]
    public void Short_names_mean_what_every_client_means_by_them(string text, string full) => Assert.Equal(full, ImageReference.Parse(text).ToString());

    [Fact]
    public void Docker_hub_answers_under_another_name()
    {
        Assert.Equal("https://registry-1.docker.io/", ImageReference.Parse("nginx").Registry.ToString());
        Assert.Equal("http://10.0.0.7:5000/", ImageReference.Parse("http://10.0.0.7:5000/app").Registry.ToString());
    }

    [Theory]
    [InlineData("", "An image is written like")]
    [InlineData("Nginx", "'library/Nginx' cannot be an image's name")]
    [InlineData("ghcr.io/", "cannot be an image's name")]
    [InlineData("nginx:", "'' cannot be a tag")]
    [InlineData("nginx:a b", "'a b' cannot be a tag")]
    [InlineData("nginx@sha256:12", "'sha256:12' is not a digest")]
    [InlineData("a..b.io/x", "'a..b.io' is not a registry's host name")]
    [InlineData("http://8.8.8.8/x", "is reached over TLS only")]
    [InlineData("http://nginx", "is reached over TLS only")]
    [InlineData("user:pass@ghcr.io/x", "not a registry's host name")]
    [InlineData("--flag", "cannot be an image's name")]
    public void What_is_wrong_with_a_name_is_said(string text, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<FormatException>(() => ImageReference.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://index.docker.io/v1/", "docker.io")]
    [InlineData("GHCR.io", "ghcr.io")]
    [InlineData("registry.example.com:5000/", "registry.example.com:5000")]
    public void A_host_is_written_one_way(string text, string host) => Assert.Equal(host, ImageReference.ParseHost(text));

    [Fact]
    public void A_host_with_a_path_is_none() =>
        Assert.Contains("not a registry's host name", Assert.Throws<FormatException>(() => ImageReference.ParseHost("ghcr.io/team")).Message, StringComparison.Ordinal);
}
