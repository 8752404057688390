using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Mvc;
using Paas.State;

namespace Paas.Accounts.SignIn;

/// <summary>Sign-in for browsers: sessions, their scheme and policies, forms that cannot be forged.</summary>
internal static class SignInSetup
{
    /// <summary>A passkey's answer is the largest thing that is sent here.</summary>
    private const int LargestForm = 64 * 1024;

    public static void AddSignIn(this IServiceCollection services)
    {
        services.AddSingleton<Sessions>().AddSingleton<SessionTokens>().AddSingleton<SessionCookie>().AddSingleton<SignInLinks>().AddSingleton<SignIns>();
        services.AddSingleton<SignInLimits>().AddSingleton<Passwords>().AddSingleton<PasskeyStore>().AddSingleton<PasskeyTickets>().AddSingleton<Passkeys>().AddSingleton<OwnAccount>();
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, SessionScheme>(SessionScheme.Name, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(AccountPolicies.Dashboard, policy => policy.AddAuthenticationSchemes(SessionScheme.Name).RequireAuthenticatedUser())
            .AddPolicy(AccountPolicies.Stream, policy => policy.AddAuthenticationSchemes(TokenScheme.Name, SessionScheme.Name).RequireAuthenticatedUser());
        services.AddRazorComponents();
        services.AddAntiforgery();
        services.AddLogging(Quieten);
        services.AddOptions<AntiforgeryOptions>().Configure<PlatformAddress>((options, address) => options.Cookie = new FormCookie(address));
        // Forms stay valid over a restart of control; the keys lie with the others, closed to everybody else (trust rule 3).
        services.AddDataProtection().SetApplicationName("paas");
        services.AddOptions<KeyManagementOptions>().Configure<PlatformHome, ILoggerFactory>((options, home, logging) =>
            options.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(Path.Combine(home.Keys, "forms")), logging));
    }

    public static void MapSignInPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("").ExcludeFromDescription().AddEndpointFilter<PageGuard>().WithMetadata(new RequestSizeLimitAttribute(LargestForm));
        pages.MapSignIn();
        pages.MapAccount();
        app.MapSessionsApi();
    }

    /// <summary>Two warnings that tell nobody anything: keys rest in plain in a folder of root's, as the others do, and pages are never stored.</summary>
    private static void Quieten(ILoggingBuilder logging) => logging
        .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error)
        .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
}
