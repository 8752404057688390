using Microsoft.OpenApi;

namespace Paas.Accounts;

/// <summary>The API described for machines (OpenAPI 3.1) at /openapi/v1.json. It names routes and shapes only, so it needs no token.</summary>
internal static class ApiDocument
{
    private const string Scheme = "token";

    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi("v1", options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new OpenApiInfo { Title = "Paas", Version = "0.1", Description = "The API of one platform. Errors are problem details (RFC 9457) with a stable code." };
                // The address of this server is the reader's own business (trust rule 11).
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "paas tokens create --name ci" },
                };
                document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
                return Task.CompletedTask;
            }));

    public static void MapApiDocument(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
