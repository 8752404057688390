using Paas.Client;
using Paas.Dashboard.Pages.Registry;
using Paas.Registry;
using Paas.Testing;

namespace Paas.Dashboard;

public sealed class RegistryPagesTests
{
    [Fact]
    public async Task An_empty_registry_teaches_how_to_push()
    {
        await using var paas = await TestPaas.StartAsync();
        using var browser = await paas.SignedInAsync();
        var page = await browser.PageAsync("/registry");
        Assert.Contains("docker login localhost:8080 --username token", page, StringComparison.Ordinal);
        Assert.Contains("docker push localhost:8080/myapp:1.0", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_shows_its_tags_and_the_command_that_pulls()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        var digest = await pusher.ImageAsync("team/app/part", "1.0");
        using var browser = await paas.SignedInAsync();
        Assert.Contains("href=\"/registry/team/app/part\"", await browser.PageAsync("/registry"), StringComparison.Ordinal);
        var page = await browser.PageAsync("/registry/team/app/part");
        Assert.Contains("docker pull localhost:8080/team/app/part:1.0", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/registry/team/app/part:1.0\"", page, StringComparison.Ordinal);
        foreach (var place in (string[])["/registry/team/app/part:1.0", $"/registry/team/app/part@{digest}"])
        {
            var image = await browser.PageAsync(place);
            Assert.Contains("Image for linux/amd64", image, StringComparison.Ordinal);
            Assert.Contains("Manifest as it was pushed", image, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_strangers_wrote_into_an_image_stays_text()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync(
            "team/app",
            "1.0",
            """{"architecture":"<b>","os":"linux","config":{"User":"<script>alert(1)</script>","Cmd":["<img src=x>"]},"rootfs":{"type":"layers","diff_ids":["d1"]},"history":[{"created_by":"<script>alert(2)</script>"}]}""",
            "layer");
        using var browser = await paas.SignedInAsync();
        var page = await browser.PageAsync("/registry/team/app:1.0");
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(2)", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_said_with_what_to_do()
    {
        await using var paas = await TestPaas.StartAsync();
        using var pusher = new ImagePusher(paas);
        await pusher.ImageAsync("team/app", "1.0");
        using var browser = await paas.SignedInAsync();
        Assert.Contains("There is no repository &#x27;nothing&#x27;, or nothing was pushed to it yet.", await browser.PageAsync("/registry/nothing"), StringComparison.Ordinal);
        Assert.Contains("The repository team/app has no image &#x27;2.0&#x27;.", await browser.PageAsync("/registry/team/app:2.0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("team/app", "team/app", null, "team/app")]
    [InlineData("team/app:1.0", "team/app", "1.0", "team/app:1.0")]
    [InlineData("app@sha256:0123456789abcdef", "app", "sha256:0123456789abcdef", "app@0123456789ab")]
    public void An_address_names_a_repository_or_an_image(string place, string repository, string? reference, string title)
    {
        var address = RegistryAddress.Parse(place);
        Assert.Equal(new RegistryAddress(repository, reference), address);
        Assert.Equal(title, address.Title);
        Assert.Equal($"/registry/{place}", reference is null ? $"/registry/{address.Repository}" : RegistryAddress.To(repository, reference));
    }

    [Fact]
    public void Retention_is_a_sentence()
    {
        Assert.Equal("every tag", RegistryWords.Of(new RetentionView(null, null, null)));
        Assert.Equal("the newest 10 tags, those of the last 1 day, those like v*", RegistryWords.Of(new RetentionView(10, 1, "v*")));
    }
}
