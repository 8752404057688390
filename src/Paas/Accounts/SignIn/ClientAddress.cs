using System.Net;

namespace Paas.Accounts.SignIn;

/// <summary>Where a request comes from, for the list of sessions and for limits.</summary>
internal static class ClientAddress
{
    /// <summary>The socket's address. Our edge comes over a Unix socket that nobody else may open, and names the client's in a header
    /// that it takes from every stranger (trust rule 11); on a TCP connection the header is not looked at.</summary>
    public static string Of(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote
            ? Text(remote)
            : IPAddress.TryParse(http.Request.Headers["X-Forwarded-For"].ToString(), out var client) ? Text(client) : "unknown";

    private static string Text(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
