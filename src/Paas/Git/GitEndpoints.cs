using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Paas.Accounts;
using Paas.Apps;
using Paas.State;

namespace Paas.Git;

/// <summary>git's smart HTTP protocol (gitprotocol-http(5), gitprotocol-v2(5)): who pushes, to which app, and to git with it.</summary>
/// <remarks>Refusals are said where git shows them: a 401's plain text as "remote: ...", everything else before a push as an ERR packet
/// in the advertisement, which git prints as "fatal: remote error: ...".</remarks>
internal sealed partial class GitEndpoints(GitAccess access, GitRepositories repositories, ReceivePack receivePack, UploadPack uploadPack)
{
    private const string Push = "git-receive-pack";
    private const string Fetch = "git-upload-pack";

    /// <summary>The protocol versions that git knows; anything else is not passed on.</summary>
    [GeneratedRegex(@"\A[a-z0-9]+=[a-z0-9]+(:[a-z0-9]+=[a-z0-9]+){0,7}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Protocol { get; }

    /// <summary>GET info/refs?service=...: what the repository has.</summary>
    public async Task AdvertiseAsync(HttpContext context, string app, string? service)
    {
        if (Authenticate(context) is not { } caller)
        {
            await AskForTokenAsync(context);
            return;
        }

        if (service is not (Push or Fetch))
        {
            await SayAsync(context, StatusCodes.Status403Forbidden, "Only git's smart HTTP protocol is served here: use git 1.6.6 or newer.");
            return;
        }

        context.Response.ContentType = $"application/x-{service}-advertisement";
        context.Response.Headers.CacheControl = "no-cache";
        if (Find(caller, app, out var sentence) is not { } found)
        {
            await WriteAsync(context, [.. PktLine.Of($"# service={service}\n"), .. PktLine.Flush.Span, .. PktLine.Of($"ERR {sentence}")]);
            return;
        }

        var repository = await repositories.EnsureAsync(found.Id, context.RequestAborted);
        await WriteAsync(context, [.. PktLine.Of($"# service={service}\n"), .. PktLine.Flush.Span]);
        if (service == Fetch)
        {
            // The deploy branch may have been set since the last push.
            await repositories.FollowDeployBranchAsync(found, context.RequestAborted);
        }

        var arguments = service == Push ? receivePack.Arguments(repository, "--advertise-refs") : UploadPack.Arguments(repository, "--advertise-refs");
        await uploadPack.AdvertiseAsync(context, arguments, Environment(context));
    }

    public Task ReceivePackAsync(HttpContext context, string app) =>
        ServeAsync(context, app, Push, (found, caller) => receivePack.ServeAsync(context, found, caller, Environment(context)));

    public Task UploadPackAsync(HttpContext context, string app) =>
        ServeAsync(context, app, Fetch, (found, _) => uploadPack.ServeAsync(context, found.Id, Environment(context)));

    /// <summary>Everything else below /git: browsers and the dumb protocol.</summary>
    public static Task RefuseAsync(HttpContext context) =>
        SayAsync(context, StatusCodes.Status404NotFound, "There is no page here, only git repositories: use this address with git clone or git push, as <platform>/git/<app>.git");

    private async Task ServeAsync(HttpContext context, string app, string service, Func<App, Caller, Task> serve)
    {
        if (Authenticate(context) is not { } caller)
        {
            await AskForTokenAsync(context);
        }
        else if (context.Request.ContentType != $"application/x-{service}-request" || context.Request.Headers.ContentEncoding.ToString() is not ("" or "gzip"))
        {
            await SayAsync(context, StatusCodes.Status415UnsupportedMediaType, "Only git's smart HTTP protocol is served here.");
        }
        else if (Find(caller, app, out var sentence) is not { } found)
        {
            await SayAsync(context, StatusCodes.Status404NotFound, sentence);
        }
        else
        {
            // git limits what it takes itself (receive.maxInputSize), and its client may think for minutes between two bytes.
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
            context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
            context.Response.ContentType = $"application/x-{service}-result";
            context.Response.Headers.CacheControl = "no-cache";
            await serve(found, caller);
        }
    }

    /// <summary>Null when the token is missing or wrong. The user name does not matter.</summary>
    private Caller? Authenticate(HttpContext context)
    {
        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) || header.Parameter is null)
        {
            return null;
        }

        var token = header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => header.Parameter,
            "BASIC" => Password(header.Parameter),
            _ => null,
        };
        return string.IsNullOrEmpty(token) ? null : access.Authenticate(token);
    }

    /// <summary>RFC 7617, 2: base64 of "user:password".</summary>
    private static string? Password(string credentials)
    {
        var bytes = new byte[credentials.Length];
        return Convert.TryFromBase64String(credentials, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, var password] ? password : null;
    }

    private App? Find(Caller caller, string name, out string sentence)
    {
        sentence = "";
        name = name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name;
        try
        {
            AppName.Parse(name);
        }
        catch (UserError fault)
        {
            sentence = fault.Message;
            return null;
        }

        var app = access.FindApp(caller.TeamId, name);
        if (app is null)
        {
            sentence = $"There is no app '{name}' in team '{access.TeamName(caller.TeamId)}'. Create it with: paas apps create {name}";
        }

        return app;
    }

    private static Dictionary<string, string> Environment(HttpContext context) =>
        context.Request.Headers["Git-Protocol"].ToString() is { Length: <= 128 } protocol && Protocol.IsMatch(protocol)
            ? new(StringComparer.Ordinal) { ["GIT_PROTOCOL"] = protocol }
            : [];

    private static Task AskForTokenAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"paas\", charset=\"UTF-8\"";
        return SayAsync(context, StatusCodes.Status401Unauthorized, context.Request.Headers.Authorization.Count == 0
            ? "Sign in with an API token as the password and any user name. Make a token with: paas tokens create --name git"
            : "This API token is wrong or was revoked. Make a new one with: paas tokens create --name git (it is the password; any user name does)");
    }

    private static Task SayAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return WriteAsync(context, Encoding.UTF8.GetBytes(sentence + "\n"));
    }

    private static Task WriteAsync(HttpContext context, byte[] bytes) => context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
}
