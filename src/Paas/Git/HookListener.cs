using System.Net.Sockets;
using Paas.State;

namespace Paas.Git;

/// <summary>Listens on run/hook.sock: each pre-receive hook asks here whether its push may be stored.</summary>
internal sealed partial class HookListener(PlatformHome home, GitRepositories repositories, GitProcess git, Pushes pushes, PushVerdict verdict, IHostApplicationLifetime lifetime, ILogger<HookListener> logger) : BackgroundService
{
    private const UnixFileMode OwnerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private Socket? _socket;

    /// <summary>Listens before control serves its first request.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        repositories.Prepare();
        Directory.CreateDirectory(home.Run);
        File.Delete(home.HookSocket);
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _socket.Bind(new UnixDomainSocketEndPoint(home.HookSocket));
        git.User?.OwnAsGroup(home.HookSocket);
        File.SetUnixFileMode(home.HookSocket, OwnerAndGroup);
        _socket.Listen(64);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _socket?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Those under way when the platform stops say so to their person, then end. The server stops before this service does and
        // waits for their requests, so that it has to be known here earlier.
        var stopping = lifetime.ApplicationStopping;
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var hook = await _socket!.AcceptAsync(stopping);
                open.RemoveAll(task => task.IsCompleted);
                open.Add(AnswerAsync(hook, stopping));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task AnswerAsync(Socket hook, CancellationToken stopping)
    {
        await using var stream = new NetworkStream(hook, ownsSocket: true);
        Push? push = null;
        try
        {
            if (!IsGit(hook))
            {
                RefusedPeer();
                return;
            }

            var request = await HookRequest.ReadAsync(stream, stopping);
            if (!pushes.TryFind(request.Push, out var found) || !found.TryBeginAnswer())
            {
                await RefuseAsync(stream, "This push is not known here any more. Push again.");
                return;
            }

            push = found;
            var reply = new HookReply();
            var relaying = reply.RelayAsync(stream, CancellationToken.None);
            var accepted = await DecideAsync(push, request, reply, stopping);
            reply.Complete();
            await relaying;
            await HookReply.DecideAsync(stream, accepted, CancellationToken.None);
        }
        catch (InvalidDataException unreadable)
        {
            await RefuseAsync(stream, unreadable.Message);
        }
        catch (Exception unexpected) when (unexpected is IOException or SocketException or OperationCanceledException)
        {
            LostHook(unexpected);
        }
        finally
        {
            push?.EndAnswer();
        }
    }

    private async Task<bool> DecideAsync(Push push, HookRequest request, HookReply reply, CancellationToken stopping)
    {
        try
        {
            return await verdict.DecideAsync(push, request, reply, stopping);
        }
        catch (UserError fault)
        {
            reply.Say(fault.Message);
        }
        catch (OperationCanceledException)
        {
            reply.Say(stopping.IsCancellationRequested
                ? "The platform is being restarted, so this push was not deployed. Push again in a moment."
                : "This push was cancelled.");
        }
#pragma warning disable CA1031 // The top of a push: whatever went wrong, its person gets an answer.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            Failed(push.App.Name, unexpected);
            reply.Say($"The platform failed to take this push ({Printable.Show(unexpected.Message)}). That is not your code's fault: its log says more.");
        }

        return false;
    }

    private static async Task RefuseAsync(Stream stream, string sentence)
    {
        var reply = new HookReply();
        reply.Say(sentence);
        reply.Complete();
        await reply.RelayAsync(stream, CancellationToken.None);
        await HookReply.DecideAsync(stream, accepted: false, CancellationToken.None);
    }

    /// <summary>Whether the peer is git's user (or, where git runs as this process, this one): unix(7), SO_PEERCRED: pid, uid, gid.</summary>
    private bool IsGit(Socket hook)
    {
        const int SocketLevel = 1, PeerCredentials = 17;
        Span<byte> credentials = stackalloc byte[12];
        hook.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BitConverter.ToUInt32(credentials[4..]) == (git.User?.Uid ?? SystemUser.Self);
    }

    [LoggerMessage(LogLevel.Warning, "Somebody other than git's user connected to the hook socket; refused")]
    private partial void RefusedPeer();

    [LoggerMessage(LogLevel.Information, "A hook went away")]
    private partial void LostHook(Exception exception);

    [LoggerMessage(LogLevel.Error, "A push to {App} failed")]
    private partial void Failed(string app, Exception exception);
}
