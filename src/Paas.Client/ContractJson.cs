using System.Text.Json;
using System.Text.Json.Serialization;

namespace Paas.Client;

/// <summary>The contract's JSON, made when the project is built: nothing is reflected over at start.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(WhoAmI))]
[JsonSerializable(typeof(CreateToken))]
[JsonSerializable(typeof(CreatedToken))]
[JsonSerializable(typeof(IReadOnlyList<TokenView>))]
[JsonSerializable(typeof(CreateSignInLink))]
[JsonSerializable(typeof(SignInLinkView))]
[JsonSerializable(typeof(IReadOnlyList<SessionView>))]
[JsonSerializable(typeof(CreateApp))]
[JsonSerializable(typeof(UpdateApp))]
[JsonSerializable(typeof(IReadOnlyList<AppView>))]
[JsonSerializable(typeof(IReadOnlyList<FormationView>))]
[JsonSerializable(typeof(IReadOnlyList<ScaleProcess>))]
[JsonSerializable(typeof(IReadOnlyList<InstanceView>))]
[JsonSerializable(typeof(IReadOnlyList<ConfigVarView>))]
[JsonSerializable(typeof(UpdateConfig))]
[JsonSerializable(typeof(RevealConfig))]
[JsonSerializable(typeof(ChangeView))]
[JsonSerializable(typeof(AddDomain))]
[JsonSerializable(typeof(IReadOnlyList<DomainView>))]
[JsonSerializable(typeof(IReadOnlyList<DeployView>))]
[JsonSerializable(typeof(IReadOnlyList<DeployLogLine>))]
[JsonSerializable(typeof(IReadOnlyList<ReleaseView>))]
[JsonSerializable(typeof(ReleaseChanges))]
[JsonSerializable(typeof(RollBack))]
[JsonSerializable(typeof(IReadOnlyList<ActivityView>))]
[JsonSerializable(typeof(IReadOnlyList<LogLineView>))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(RunCommand))]
[JsonSerializable(typeof(RunEnded))]
public sealed partial class ContractJson : JsonSerializerContext;
