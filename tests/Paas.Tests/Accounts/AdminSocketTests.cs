using System.Net;
using Paas.Client;
using Paas.Testing;

namespace Paas.Accounts;

public sealed class AdminSocketTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Root_gets_a_token_and_a_second_one_replaces_it()
    {
        await using var paas = await TestPaas.StartAsync();
        var first = await BootstrapAsync(paas.Admin(), new Bootstrap(null, null));
        Assert.Equal(("admin", "cli"), (first.User, first.TokenName));
        Assert.Equal("cli", (await paas.ClientOf(first.Token).GetAsync("/api/v1/whoami", Token).ReadAsync<WhoAmI>()).Token);

        var second = await BootstrapAsync(paas.Admin(), new Bootstrap("admin", "cli"));

        await paas.ClientOf(first.Token).GetAsync("/api/v1/whoami", Token).ProblemAsync(HttpStatusCode.Unauthorized);
        await paas.ClientOf(second.Token).GetAsync("/api/v1/whoami", Token).ReadAsync<WhoAmI>();
    }

    [Fact]
    public async Task Nobody_reaches_it_from_elsewhere_not_even_with_a_token()
    {
        await using var paas = await TestPaas.StartAsync();
        foreach (var client in new[] { paas.Api, paas.ClientOf(null) })
        {
            Assert.Equal("not_found", (await client.PostAsJsonAsync("/admin/bootstrap", new Bootstrap(null, null), Token).ProblemAsync(HttpStatusCode.NotFound)).Code);
            using var half = new StringContent("{", null, "application/json");
            await client.PostAsync("/admin/bootstrap", half, Token).ProblemAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task The_socket_is_the_owners_alone_and_gives_no_rights_to_the_API()
    {
        await using var paas = await TestPaas.StartAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(paas.Home.AdminSocket));
        await paas.Admin().GetAsync("/api/v1/whoami", Token).ProblemAsync(HttpStatusCode.Unauthorized);
        await paas.Admin().PostAsJsonAsync("/admin/bootstrap", new Bootstrap("eve", null), Token).ProblemAsync(HttpStatusCode.NotFound);
    }

    private static Task<Bootstrapped> BootstrapAsync(HttpClient admin, Bootstrap request) =>
        admin.PostAsJsonAsync("/admin/bootstrap", request, Token).ReadAsync<Bootstrapped>();
}
