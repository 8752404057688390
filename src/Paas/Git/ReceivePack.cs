using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Paas.Accounts;
using Paas.Apps;
using Paas.State;

namespace Paas.Git;

/// <summary>One push: git's receive-pack writes the bare repository, its hook asks <see cref="PushVerdict"/>, its sideband reaches the person.</summary>
internal sealed partial class ReceivePack(PlatformHome home, GitProcess git, GitRepositories repositories, GitAccess access, Pushes pushes, IOptions<GitOptions> options, ILogger<ReceivePack> logger)
{
    /// <summary>Checks what comes in; accepts a push from a shallow clone, as CI makes them; every git that we start gets the same, so no repository's config goes stale.</summary>
    /// <remarks>The fsck faults that old, honest histories have and that harm nobody are let through, as the big forges do.</remarks>
    public IEnumerable<string> Arguments(string repository, params string[] more) =>
    [
        "-c", $"core.hooksPath={repositories.Hooks}",
        "-c", "transfer.fsckObjects=true",
        "-c", "receive.fsckObjects=true",
        "-c", "receive.fsck.zeroPaddedFilemode=ignore",
        "-c", "receive.fsck.badTimezone=ignore",
        "-c", "receive.fsck.missingSpaceBeforeDate=ignore",
        "-c", "receive.shallowUpdate=true",
        "-c", string.Create(CultureInfo.InvariantCulture, $"receive.maxInputSize={options.Value.MaxRepositorySize}"),
        "receive-pack", "--stateless-rpc", .. more, repository,
    ];

    public async Task ServeAsync(HttpContext context, App app, Caller caller, IReadOnlyDictionary<string, string> environment)
    {
        var repository = await repositories.EnsureAsync(app.Id, context.RequestAborted);
        var push = pushes.Open(app, caller, context.RequestAborted);
        var feed = new RequestFeed(context.Request, options.Value.IdleTimeout);
        try
        {
            using var process = git.Start(Arguments(repository), new Dictionary<string, string>(environment, StringComparer.Ordinal)
            {
                ["PAAS_HOOK_SOCKET"] = home.HookSocket,
                ["PAAS_PUSH"] = push.Id,
            });
            var feeding = feed.CopyAsync(process.StandardInput.BaseStream, context.RequestAborted);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            try
            {
                await DrainAsync(process, context, app, feed);
            }
            finally
            {
                // Whatever broke: a turn that is not given back would stop every later push.
                await EndAsync(process, push, app);
            }

            Exited(app.Name, process.ExitCode, Printable.Show((await errors).Trim()));
            await context.Response.CompleteAsync();
            await feeding;
        }
        finally
        {
            pushes.Remove(push);
        }
    }

    /// <summary>Reads what receive-pack writes until it ends, whether or not somebody is there to read it: a deploy under way goes on.</summary>
    private async Task DrainAsync(Process process, HttpContext context, App app, RequestFeed feed)
    {
        var buffer = new byte[PktLine.Longest];
        var output = process.StandardOutput.BaseStream;
        var gone = false;
        try
        {
            while (await PktLine.ReadAsync(output, buffer, CancellationToken.None) is { Length: > 0 } packet)
            {
                // git's own words for it are "unpack-objects abnormal exit"; the flush is the last moment to say more.
                var tooLarge = packet.Span.SequenceEqual(PktLine.Flush.Span) && feed.Bytes > options.Value.MaxRepositorySize;
                gone = gone || (tooLarge && !await TryWriteAsync(context, PktLine.Progress(TooLarge(app)))) || !await TryWriteAsync(context, packet);
            }
        }
        catch (Exception cut) when (cut is InvalidDataException or EndOfStreamException)
        {
            Cut(app.Name, cut);
        }
    }

    /// <summary>Lets receive-pack say the rest to nobody, waits for it and for a deploy that outlived it, and gives the turn back.</summary>
    private async Task EndAsync(Process process, Push push, App app)
    {
        try
        {
            await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        }
        catch (IOException cut)
        {
            Cut(app.Name, cut);
            process.StandardOutput.Dispose();
        }

        await process.WaitForExitAsync(CancellationToken.None);
        await push.CloseAsync(() => FollowAsync(app.Id));
    }

    private string TooLarge(App app) =>
        $"The push is larger than {GitOptions.Show(options.Value.MaxRepositorySize)}, the most that {app.Name}'s repository may have: take large files out of the history (git filter-repo) and push again.";

    private static async Task<bool> TryWriteAsync(HttpContext context, ReadOnlyMemory<byte> packet)
    {
        try
        {
            await context.Response.Body.WriteAsync(packet, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            return true;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task FollowAsync(long appId)
    {
        if (access.FindAppById(appId) is { } app)
        {
            await repositories.FollowDeployBranchAsync(app, CancellationToken.None);
        }
    }

    [LoggerMessage(LogLevel.Debug, "receive-pack of {App} ended with {ExitCode}: {Errors}")]
    private partial void Exited(string app, int exitCode, string errors);

    [LoggerMessage(LogLevel.Warning, "receive-pack of {App} broke off")]
    private partial void Cut(string app, Exception exception);
}
