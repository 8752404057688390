using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Paas.Languages;

/// <summary>A company's own certificate authority, that nobody trusts who was not told to.</summary>
internal sealed class Authority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public Authority()
    {
        var request = new CertificateRequest("CN=Company", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(2));
    }

    /// <summary>What a client is told to trust.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>A certificate with its key for a server that is asked as localhost or at the address.</summary>
    public X509Certificate2 Issue(IPAddress? address = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var named = new SubjectAlternativeNameBuilder();
        named.AddDnsName("localhost");
        if (address is not null)
        {
            named.AddIpAddress(address);
        }

        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(named.Build());
        using var certificate = request.Create(_certificate, Now.AddDays(-1), Now.AddDays(1), [1, 2, 3, 4]);
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
