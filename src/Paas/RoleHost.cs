namespace Paas;

/// <summary>The web host that a role begins with.</summary>
internal static class RoleHost
{
    /// <summary>Its files are those beside the binary. The usual host takes the folder that it was started in, and watches all that is below
    /// for a change of appsettings.json: started in the root folder, the whole disk (dotnet/aspnetcore, "hostBuilder:reloadConfigOnChange").</summary>
    public static WebApplicationBuilder Create() => WebApplication.CreateSlimBuilder(new WebApplicationOptions
    {
        ApplicationName = "paasd",
        ContentRootPath = AppContext.BaseDirectory,
        Args = ["--hostBuilder:reloadConfigOnChange=false"],
    });
}
