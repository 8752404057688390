using System.Security.Cryptography.X509Certificates;
using Paas.Client;
using Paas.Testing;

namespace Paas.Languages;

/// <summary>A company's own certificate authority, given as a binding.</summary>
public sealed class CaCertificatesTests(Platform platform)
{
    /// <summary>Asks itself over TLS, with a certificate that only the binding's authority vouches for.</summary>
    private const string Server = """
        const fs = require("node:fs"), https = require("node:https");
        https.createServer({ key: fs.readFileSync("key.pem"), cert: fs.readFileSync("cert.pem") }, (request, response) => response.end("trusted\n")).listen(9443, "127.0.0.1");
        require("node:http").createServer((request, response) => {
          https.get("https://localhost:9443/", answer => answer.pipe(response)).on("error", error => response.end(error.code + "\n"));
        }).listen(process.env.PORT, "0.0.0.0");
        """;

    [Fact]
    public async Task An_app_trusts_the_authority_of_its_binding_and_no_private_key_is_taken()
    {
        using var company = new Authority();
        using var issued = company.Issue();
        var key = issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await app.WriteAsync("key.pem", key);
        await app.WriteAsync("cert.pem", issued.ExportCertificatePem());
        (await app.PushChangeAsync("server.js", Server)).Succeeded();
        Assert.DoesNotContain("trusted", (await app.VisitAsync()).Body, StringComparison.Ordinal);

        await BindAsync(app, company.Pem);
        var push = await app.PushChangeAsync("changed", "1");
        push.Succeeded();
        Assert.Contains("ca.pem of company: CN=Company", push.Error, StringComparison.Ordinal);
        Assert.Equal("trusted\n", (await app.VisitAsync()).Body);

        await BindAsync(app, key);
        var refused = await app.PushChangeAsync("changed", "2");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("The file ca.pem of the binding company has a private key. Only certificates belong there", refused.Error, StringComparison.Ordinal);
        Assert.Equal("trusted\n", (await app.VisitAsync()).Body);
    }

    /// <summary>Gives the app a binding of the type ca-certificates.</summary>
    internal static Task<string> BindAsync(PushedApp app, string pem) =>
        app.ChangeAsync(HttpMethod.Put, "/bindings/company", new SetBinding("ca-certificates", null, new Dictionary<string, string> { ["ca.pem"] = pem }));
}
