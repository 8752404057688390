using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Paas.State;

namespace Paas.Accounts;

/// <summary>run/admin.sock: root on the machine speaks to control (architecture, "Root on the machine -> control").</summary>
internal static partial class AdminSocket
{
    // socket(7), unix(7): SO_PEERCRED gives struct ucred { pid, uid, gid } of the peer at connect time.
    private const int SolSocket = 1;
    private const int PeerCredentials = 17;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    /// <summary>Adds the socket to control's listeners; connections of anybody but root and the platform's own user are closed unread.</summary>
    public static void ListenOnAdminSocket(this KestrelServerOptions kestrel, PlatformHome home)
    {
        // A control that was killed left its socket behind.
        File.Delete(home.AdminSocket);
        kestrel.ListenUnixSocket(home.AdminSocket, listen => listen.Use(next => async connection =>
        {
            var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
            if (socket is null || PeerOf(socket) is var peer && peer != 0 && peer != EffectiveUser())
            {
                connection.Abort(new ConnectionAbortedException("Only root may use the admin socket."));
                return;
            }

            connection.Features.Set(new CameOverAdminSocket());
            await next(connection);
        }));
    }

    /// <summary>Everywhere else the endpoint answers like an address with nothing behind it, before anything of the request is read.</summary>
    public static TBuilder RequireAdminSocket<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(static endpoint =>
        {
            var inner = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                if (context.Features.Get<CameOverAdminSocket>() is null)
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }

                return inner(context);
            };
        });
        return builder;
    }

    private static uint PeerOf(Socket socket)
    {
        Span<int> credentials = stackalloc int[3];
        var length = socket.GetRawSocketOption(SolSocket, PeerCredentials, MemoryMarshal.AsBytes(credentials));
        return length == 12 ? (uint)credentials[1] : uint.MaxValue;
    }

    private sealed class CameOverAdminSocket;

    /// <summary>Mode 0600 as soon as the socket exists; the peer check covers the moment before.</summary>
    internal sealed class Mode(PlatformHome home) : IHostedLifecycleService
    {
        public Task StartedAsync(CancellationToken cancellationToken)
        {
            if (File.Exists(home.AdminSocket))
            {
                File.SetUnixFileMode(home.AdminSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            return Task.CompletedTask;
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
