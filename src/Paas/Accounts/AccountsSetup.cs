using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Paas.Accounts.SignIn;

namespace Paas.Accounts;

/// <summary>Accounts, tokens, and the rules that hold for every endpoint: deny by default, one shape of errors.</summary>
public static class AccountsSetup
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<AccountStore>().AddSingleton<Tokens>();
        services.AddAuthentication(TokenScheme.Name).AddScheme<AuthenticationSchemeOptions, TokenScheme>(TokenScheme.Name, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder(TokenScheme.Name).RequireAuthenticatedUser().Build());
        services.AddExceptionHandler<ProblemHandler>();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddHostedService<AdminSocket.Mode>();
        services.AddApiDocument();
        services.AddSignIn();
        return services;
    }

    /// <summary>First in the pipeline: errors in one shape, then who is asking and whether they may.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = Problems.WriteEmptyAsync, SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages(context => Problems.WriteEmptyAsync(context.HttpContext));
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapAdmin();
        app.MapAccountsApi();
        app.MapApiDocument();
        app.MapSignInPages();
    }
}
