using System.Net;
using System.Text;
using Paas.Client;
using Paas.State;
using Paas.Testing;

namespace Paas.Apps;

public sealed class BindingsEndpointsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_binding_is_kept_encrypted_listed_without_its_contents_replaced_and_removed()
    {
        await using var paas = await TestPaas.StartAsync();
        await paas.Api.PostAsJsonAsync("/api/v1/apps", new CreateApp("shop"), Token).ReadAsync<AppView>(HttpStatusCode.Created);
        var set = await SetAsync(paas, "company-ca", new SetBinding("ca-certificates", "us", new Dictionary<string, string> { ["ca.pem"] = "top-secret-certificate" })).ReadAsync<BindingView>();
        Assert.Equal(("company-ca", "ca-certificates", "us"), (set.Name, set.Type, set.Provider));
        Assert.DoesNotContain("top-secret", await paas.Api.GetStringAsync("/api/v1/apps/shop/bindings", Token), StringComparison.Ordinal);
        Assert.DoesNotContain("top-secret", Encoding.Latin1.GetString(await ReadAllAsync(paas.Home)), StringComparison.Ordinal);

        var apps = paas.Services.GetRequiredService<AppStore>();
        var app = apps.All().Single();
        Assert.Equal("top-secret-certificate", Assert.Single(apps.Bindings(app.Id)).Files["ca.pem"]);
        await SetAsync(paas, "company-ca", new SetBinding("npmrc", null, new Dictionary<string, string>())).ReadAsync<BindingView>();
        Assert.Equal(["type"], Assert.Single(apps.Bindings(app.Id)).Files.Keys);

        using var removed = await paas.Api.DeleteAsync("/api/v1/apps/shop/bindings/company-ca", Token);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal("shop has no binding 'company-ca'. List them with: paas bindings list", (await paas.Api.DeleteAsync("/api/v1/apps/shop/bindings/company-ca", Token).ProblemAsync(HttpStatusCode.NotFound)).Detail);
    }

    [Theory]
    [InlineData("a..b/", "x", "ok", "'a..b/' cannot be a binding's name: letters, digits, '.', '_' and '-', with a letter or digit at both ends.")]
    [InlineData("..", "x", "ok", "'..' cannot be a binding's name: letters, digits, '.', '_' and '-', with a letter or digit at both ends.")]
    [InlineData("ca", " ", "ok", "The binding ca needs a type, by which buildpacks find it: --type ca-certificates, for example.")]
    [InlineData("ca", "x", "../y", "'../y' cannot be a file of a binding: letters, digits, '.', '_' and '-', with a letter or digit at both ends.")]
    [InlineData("ca", "x", "type", "The type of a binding has an option of its own: --type.")]
    public void What_cannot_be_a_binding_is_refused(string name, string type, string file, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<UserError>(() => Binding.Of(name, type, null, new Dictionary<string, string> { [file] = "x" })).Message);

    private static Task<HttpResponseMessage> SetAsync(TestPaas paas, string name, SetBinding binding) => paas.Api.PutAsJsonAsync($"/api/v1/apps/shop/bindings/{name}", binding, Token);

    private static async Task<byte[]> ReadAllAsync(PlatformHome home)
    {
        using var all = new MemoryStream();
        foreach (var file in Directory.EnumerateFiles(home.Root, "paas.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await stream.CopyToAsync(all, Token);
        }

        return all.ToArray();
    }
}
