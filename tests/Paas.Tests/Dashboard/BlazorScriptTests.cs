using System.Reflection;
using Microsoft.AspNetCore.Components.Server;

namespace Paas.Dashboard;

public sealed class BlazorScriptTests
{
    /// <summary>The browser's script is of .NET 9, the server of .NET 10 (docs/decisions/blazor-script.md): what one calls, the other must have, with these parameters.</summary>
    [Theory]
    [InlineData("StartCircuit", "String", "String", "String", "String")]
    [InlineData("UpdateRootComponents", "String", "String")]
    [InlineData("ConnectCircuit", "String")]
    [InlineData("BeginInvokeDotNetFromJS", "String", "String", "String", "Int64", "String")]
    [InlineData("EndInvokeJSFromDotNet", "Int64", "Boolean", "String")]
    [InlineData("ReceiveByteArray", "Int32", "Byte[]")]
    [InlineData("ReceiveJSDataChunk", "Int64", "Int64", "Byte[]", "String")]
    [InlineData("OnRenderCompleted", "Int64", "String")]
    [InlineData("OnLocationChanged", "String", "String", "Boolean")]
    [InlineData("OnLocationChanging", "Int32", "String", "String", "Boolean")]
    public void The_server_takes_what_the_script_calls(string method, params string[] parameters)
    {
        var hub = typeof(CircuitOptions).Assembly.GetType("Microsoft.AspNetCore.Components.Server.ComponentHub", throwOnError: true)!;
        var found = hub.GetMethod(method, BindingFlags.Instance | BindingFlags.Public);
        Assert.NotNull(found);
        Assert.Equal(parameters, found.GetParameters().Select(parameter => parameter.ParameterType.Name));
    }
}
