using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using Paas.Client;

namespace Paas.Dashboard;

/// <summary>API clients for sessions, over connections that all of them share.</summary>
public sealed class ApiClients : IDisposable
{
    private readonly DashboardOptions _options;
    private readonly TimeProvider _time;
    private readonly SocketsHttpHandler _connections;

    public ApiClients(DashboardOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _connections = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellationToken) => options.Connect(cancellationToken),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
    }

    /// <summary>Asks for a token with each session's own right; a session that ended gets "signed_out".</summary>
    public PaasClient Of(ClaimsPrincipal principal) => new(_options.Platform, new WithToken(_connections, _options, principal, _time), _time);

    public void Dispose() => _connections.Dispose();

    private sealed class WithToken : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner;
        private readonly DashboardOptions _options;
        private readonly ClaimsPrincipal _principal;
        private readonly TimeProvider _time;
        private volatile SessionToken? _token;

        public WithToken(HttpMessageHandler connections, DashboardOptions options, ClaimsPrincipal principal, TimeProvider time) =>
            (_inner, _options, _principal, _time) = (new HttpMessageInvoker(connections, disposeHandler: false), options, principal, time);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (_token is null || _token.ExpiresAt - TimeSpan.FromMinutes(1) < _time.GetUtcNow())
            {
                _token = await _options.Token(_principal, cancellationToken)
                    ?? throw new ProblemException((int)HttpStatusCode.Unauthorized, "signed_out", "You are signed out: sign in again.");
            }

            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token.Value);
            return await _inner.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
