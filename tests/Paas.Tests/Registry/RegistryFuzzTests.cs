using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Paas.Accounts;
using Paas.Oci;
using Paas.Testing;

namespace Paas.Registry;

/// <summary>Requests that nobody's client sends, byte by byte through a real edge: never a 500, never silence, only the specification's
/// codes, and no word of what is another team's. The same ones each time; PAAS_TESTS_LONG makes many more.</summary>
public sealed partial class RegistryFuzzTests : IAsyncLifetime
{
    private const string Secret = "xylophone/quokka";

    private static readonly int Rounds = Environment.GetEnvironmentVariable("PAAS_TESTS_LONG") == "1" ? 20_000 : 400;

    /// <summary>Of a machine that does much else.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly HashSet<string> Codes = new(StringComparer.Ordinal)
    {
        "BLOB_UNKNOWN", "BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID", "MANIFEST_UNKNOWN",
        "NAME_INVALID", "NAME_UNKNOWN", "SIZE_INVALID", "UNAUTHORIZED", "DENIED", "UNSUPPORTED", "TOOMANYREQUESTS", "PAGINATION_NUMBER_INVALID",
    };

    private static readonly byte[] Theirs = "what another team keeps to itself"u8.ToArray();

    private TestPaas _paas = null!;
    private string _authorization = "";
    private string[] _sessions = [];
    private string[] _digests = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [GeneratedRegex("\"code\":\"(?<code>[^\"]*)\"")]
    private static partial Regex Code { get; }

    [GeneratedRegex("(?i)\r\nContent-Length: (?<bytes>[0-9]{1,9})\r\n")]
    private static partial Regex Length { get; }

    public async ValueTask InitializeAsync()
    {
        // A body that never comes is given up soon.
        _paas = await TestPaas.StartAsync(services => services.AddSingleton(new RegistryOptions { BodyPatience = TimeSpan.FromSeconds(2), LeastBody = 1 }), bodyPatience: TimeSpan.FromSeconds(3));
        var (accounts, tokens) = (_paas.Services.GetRequiredService<AccountStore>(), _paas.Services.GetRequiredService<Tokens>());
        using var mine = _paas.RegistryClientOf(tokens.Create(accounts.Bootstrap(null).Id, "fuzz"));
        _authorization = mine.DefaultRequestHeaders.Authorization!.ToString();
        using var theirs = _paas.RegistryClientOf(tokens.Create(accounts.AddUser(accounts.AddTeam("xylophone"), "other"), "other"));
        var secret = Digest.Of(Theirs);
        using var pushed = await theirs.PostAsync($"/v2/{Secret}/blobs/uploads/?digest={secret}", new ByteArrayContent(Theirs), Cancellation);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);

        using var own = await mine.PostAsync($"/v2/fuzz/one/blobs/uploads/?digest={Digest.Of("{}"u8)}", new ByteArrayContent("{}"u8.ToArray()), Cancellation);
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        _digests = [Digest.Of("{}"u8).ToString(), secret.ToString(), Digest.Of("nothing"u8).ToString(), $"sha512:{new string('a', 128)}"];
        _sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var started = await mine.PostAsync("/v2/fuzz/one/blobs/uploads/", null, Cancellation);
            return started.Headers.Location!.ToString().Split('/')[^1];
        }));
    }

    public ValueTask DisposeAsync() => _paas.DisposeAsync();

    [Fact]
    public async Task Whatever_is_sent_gets_an_answer_of_the_specification()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, Rounds), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (round, cancellationToken) =>
        {
            var random = new Random(round);
            var (request, isCut) = Request(random);
            string answer;
            try
            {
                answer = await Exchange(request, isCut, cancellationToken).WaitAsync(Patience, cancellationToken);
            }
            catch (TimeoutException)
            {
                answer = "no answer";
            }

            if (Fault(answer, isCut) is { } fault)
            {
                Assert.Fail($"Round {round.ToString(CultureInfo.InvariantCulture)}: {fault}\n--- sent\n{Encoding.Latin1.GetString(request)[..Math.Min(request.Length, 2000)]}\n--- answered\n{answer[..Math.Min(answer.Length, 2000)]}");
            }
        });

        // It still works, and nothing was lost.
        using var client = new HttpClient { BaseAddress = _paas.EdgeUrl };
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(_authorization);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v2/", Cancellation)).StatusCode);
        foreach (var digest in _paas.Services.GetRequiredService<BlobStore>().All())
        {
            var content = await _paas.Services.GetRequiredService<BlobStore>().ReadAsync(digest, Cancellation);
            Assert.Equal(digest, digest.Algorithm == "sha512" ? Digest.FromHash(System.Security.Cryptography.SHA512.HashData(content)) : Digest.Of(content));
        }
    }

    [Theory]
    [InlineData("PATCH", "blobs/uploads/SESSION")]
    [InlineData("PUT", "manifests/v1")]
    [InlineData("PUT", "nothing/here")]
    public async Task A_body_that_does_not_come_is_not_waited_for(string method, string path)
    {
        var head = $"{method} /v2/fuzz/one/{path.Replace("SESSION", _sessions[0], StringComparison.Ordinal)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {_authorization}\r\nContent-Type: {MediaTypes.Manifest}\r\nContent-Length: 100000\r\n\r\nsome";
        var answer = await Exchange(Encoding.ASCII.GetBytes(head), isCut: false, Cancellation).WaitAsync(Patience, Cancellation);
        Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("TRACE")]
    public async Task A_body_that_nobody_reads_is_not_waited_for(string method)
    {
        var head = $"{method} /v2/fuzz/one/manifests/none HTTP/1.1\r\nHost: localhost\r\nAuthorization: {_authorization}\r\nContent-Length: 60010\r\n\r\n";
        var answer = await Exchange([.. Encoding.ASCII.GetBytes(head), .. new byte[60_000]], isCut: false, Cancellation).WaitAsync(Patience, Cancellation);
        Assert.StartsWith("HTTP/1.1 40", answer, StringComparison.Ordinal);
    }

    /// <summary>What is wrong with an answer; null: nothing.</summary>
    private static string? Fault(string answer, bool isCut)
    {
        if (isCut)
        {
            return null;
        }

        if (!answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || !int.TryParse(answer.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            return "no answer of HTTP";
        }

        if (status >= 500)
        {
            return "a fault of the server";
        }

        if (answer.Contains(Secret, StringComparison.OrdinalIgnoreCase) || answer.Contains(Encoding.ASCII.GetString(Theirs), StringComparison.Ordinal))
        {
            return "it tells of another team";
        }

        var isOfRegistry = answer.Contains("Docker-Distribution-Api-Version: registry/2.0", StringComparison.OrdinalIgnoreCase);
        var body = answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (status >= 400 && isOfRegistry && status != 416 && body.Length > 0)
        {
            return Code.Match(body) is { Success: true } match && Codes.Contains(match.Groups["code"].Value) ? null : "not an error document of the specification";
        }

        return null;
    }

    private async Task<string> Exchange(byte[] request, bool isCut, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _paas.EdgeUrl.Port, cancellationToken);
        var stream = socket.GetStream();
        var answer = new StringBuilder();
        var buffer = new byte[64 << 10];
        try
        {
            await stream.WriteAsync(request, cancellationToken);
            while (!isCut && !IsWhole(answer.ToString(), request) && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // It answered and closed before it had read all: what came of the answer counts.
        }

        return answer.ToString();
    }

    /// <summary>Not by the connection's end: the server waits some seconds for the rest of a body that it has not read.</summary>
    private static bool IsWhole(string answer, byte[] request)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end >= 0 && (request.AsSpan().StartsWith("HEAD"u8)
            || answer.AsSpan(9, 3) is "204" or "304"
            || (Length.Match(answer) is { Success: true } length && answer.Length >= end + 4 + int.Parse(length.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture))
            || answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
    }

    private (byte[] Bytes, bool IsCut) Request(Random random)
    {
        var body = Body(random);
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{Pick(random, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "GET", "PUT", "PATCH", "OPTIONS", "TRACE", "get", "PROPFIND")} {Target(random)} HTTP/1.1\r\n");
        head.Append("Host: localhost\r\nConnection: close\r\n");
        if (random.Next(10) > 0)
        {
            head.Append(CultureInfo.InvariantCulture, $"Authorization: {(random.Next(15) > 0 ? _authorization : Pick(random, "Basic", "Basic !", "Bearer x", "Bearer", "Basic eDp5", "Negotiate x", "Basic " + new string('A', 3000)))}\r\n");
        }

        for (var more = random.Next(4); more > 0; more--)
        {
            head.Append(CultureInfo.InvariantCulture, $"{Header(random)}\r\n");
        }

        var chunked = random.Next(6) == 0;
        head.Append(chunked ? "Transfer-Encoding: chunked\r\n" : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {(random.Next(30) > 0 ? body.Length : random.Next(3) switch { 0 => body.Length + 10, 1 => 5_000_000_000, _ => Math.Max(0, body.Length - 3) })}\r\n"));
        byte[] sent = chunked ? [.. Encoding.ASCII.GetBytes(body.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. body, .. random.Next(4) > 0 ? "\r\n0\r\n\r\n"u8 : "\r\nzz\r\n"u8] : body;
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head + "\r\n"), .. sent];
        var isCut = random.Next(12) == 0;
        return (isCut ? bytes[..random.Next(1, bytes.Length + 1)] : bytes, isCut);
    }

    private string Target(Random random)
    {
        if (random.Next(12) == 0)
        {
            return Pick(random, "/v2", "/v2/", "/v2//", "/v2/_catalog", "/v2/_catalog?n=-1", "/v2/_catalog?n=3&last=%ff%fe", "/v2/../v2/", "/v2/%2e%2e/%2e%2e/etc/passwd", "/v2/token?scope=x:y:z", "/v2/token?scope=repository:a:b&scope=", "/v2/%00", "/v2/\u00ff\u00fe/tags/list", "/v2/?a=%c3%28", "*", "/v2/" + new string('a', 5000));
        }

        var path = random.Next(7) switch
        {
            0 => "blobs/uploads/",
            1 => "blobs/uploads/" + (random.Next(3) > 0 ? _sessions[random.Next(_sessions.Length)] : Junk(random)),
            2 => "blobs/" + Reference(random),
            3 or 4 => "manifests/" + Reference(random),
            5 => "tags/list",
            _ => "referrers/" + Reference(random),
        };
        var query = string.Join('&', Enumerable.Range(0, random.Next(4)).Select(_ =>
            $"{Pick(random, "n", "last", "digest", "mount", "from", "tag", "artifactType", "digest-algorithm", "ns", "x", "%ff")}={(random.Next(3) > 0 ? Uri.EscapeDataString(Reference(random)) : Junk(random))}"));
        return $"/v2/{Name(random)}/{path}{(query.Length > 0 ? "?" + query : "")}";
    }

    private static string Name(Random random) => Pick(
        random, "fuzz/one", "fuzz/one", "fuzz/one", "fuzz/one", "fuzz/two", "hello", "Fuzz", "fuzz//one", "../fuzz", "%2e%2e/fuzz", "fuzz%2fone", "fuzz/blobs/uploads", "a/manifests/b", "-a", "a__b", "a___b", "%c3%28", "\u00e9", "%00", "_catalog", new string('n', 300), "fuzz\\one", "fuzz;one", "xylophone");

    private string Reference(Random random) => random.Next(3) switch
    {
        0 => _digests[random.Next(_digests.Length)],
        1 => Pick(random, "v1", "latest", "sha256:baddigeststring", "sha384:00", "sha256:", ":", "sha512:" + new string('0', 64), "-x", ".x", new string('t', 129), "fuzz/one", "sha256", "..", "SHA256:" + new string('0', 64)),
        _ => Junk(random),
    };

    private string Header(Random random) => Pick(random, "Range", "Content-Range", "If-Match", "If-None-Match", "If-Range", "Content-Type", "Accept", "Accept-Encoding", "Expect", "X-Forwarded-For", "Paas-Blob", "Paas-Edge-Can-Send", "Content-Encoding") + ": " + random.Next(3) switch
    {
        0 => Pick(random, "bytes=0-", "bytes=5-1", "bytes=-0", "bytes=9223372036854775807-9223372036854775808", "bytes=0-0,1-1", "0-0", "0-1", "1-0", "-", "99999999999999999999-1", "bytes 0-1/2", "*", "W/\"x\"", "\"", "1", "100-continue"),
        1 => Pick(random, MediaTypes.Manifest, MediaTypes.Index, MediaTypes.DockerManifest, "application/vnd.unknown.v1+json", "application/json; charset=utf-16", "text/html", "gzip", "zstd, gzip"),
        _ => "\"" + _digests[random.Next(_digests.Length)] + "\"",
    };

    private byte[] Body(Random random)
    {
        var text = random.Next(9) switch
        {
            0 => "{}",
            1 => $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.Manifest}}}","config":{"mediaType":"x","digest":"{{{_digests[0]}}}","size":2},"layers":[],"subject":{"mediaType":"x","digest":"{{{_digests[1]}}}","size":-1}}""",
            2 => $$"""{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"{{Reference(random).Replace("\\", "", StringComparison.Ordinal)}}","size":1e400}]}""",
            3 => string.Concat(Enumerable.Repeat("[", random.Next(2000))),
            4 => string.Concat(Enumerable.Repeat("{\"manifests\":[", random.Next(200))),
            5 => """{"schemaVersion":2,"config":{"mediaType":"\ud800","digest":"\ud800","size":1},"layers":null,"annotations":{"a":null,"\udfff":"b"}}""",
            6 => "\u00ff\u00fe\u0000",
            _ => "",
        };
        if (text.Length > 0)
        {
            return Encoding.Latin1.GetBytes(text);
        }

        var bytes = new byte[random.Next(3) switch { 0 => 0, 1 => random.Next(100), _ => random.Next(70_000) }];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Junk(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ =>
        Pick(random, "a", "0", "%", "%f", "%ff", "%00", "%0a", "%2F", ".", "..", ":", "@", "~", "\u00e9", "'", "%22", "+", "%F0%9F%92%A9", "%ed%a0%80")));

    private static string Pick(Random random, params ReadOnlySpan<string> from) => from[random.Next(from.Length)];
}
