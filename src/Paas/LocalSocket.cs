using System.Net.Sockets;

namespace Paas;

/// <summary>Connections between the platform's own processes.</summary>
internal static class LocalSocket
{
    /// <param name="path">Of a Unix socket.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FileNotFoundException">Nobody has opened it yet: said before asking the kernel, for the exception of a refused
    /// connection loads the runtime's reader of debugging symbols, 3 MB for the rest of the process's life.</exception>
    /// <exception cref="SocketException">Nobody listens any more.</exception>
    public static async Task<NetworkStream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"Nobody has opened {path} yet.", path);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
