using System.Security.Cryptography;
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
        var (authority, certificate, key) = Certificates();
        await using var app = await PushedApp.CreateAsync(platform, "hello-node");
        await app.WriteAsync("key.pem", key);
        await app.WriteAsync("cert.pem", certificate);
        (await app.PushChangeAsync("server.js", Server)).Succeeded();
        Assert.DoesNotContain("trusted", (await app.VisitAsync()).Body, StringComparison.Ordinal);

        await BindAsync(app, authority);
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

    private static Task<string> BindAsync(PushedApp app, string pem) =>
        app.ChangeAsync(HttpMethod.Put, "/bindings/company", new SetBinding("ca-certificates", null, new Dictionary<string, string> { ["ca.pem"] = pem }));

    private static (string Authority, string Certificate, string Key) Certificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Company", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var named = new SubjectAlternativeNameBuilder();
        named.AddDnsName("localhost");
        var leaf = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        leaf.CertificateExtensions.Add(named.Build());
        using var certificate = leaf.Create(authority, now.AddDays(-1), now.AddDays(1), [1, 2, 3, 4]);
        return (authority.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
