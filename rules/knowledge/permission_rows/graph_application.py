"""What Microsoft Graph offers to applications. See ``rules.knowledge.permissions`` for the form."""

from typing import Final

ROWS: Final = """\
00000003-0000-0000-c000-000000000000 Role
d07a8cc0-3d51-4b77-b3b0-32704d1f69fa AccessReview.Read.All other microsoft
ef5f7d5c-338f-44b0-86c3-351f46c8bb5f AccessReview.ReadWrite.All other microsoft
18228521-a591-40f1-b215-5fad4488c117 AccessReview.ReadWrite.Membership other microsoft
134fd756-38ce-4afd-ba33-e9623dbe66c2 AdministrativeUnit.Read.All other microsoft
5eb59dd3-1da2-4329-8733-9dabdc435916 AdministrativeUnit.ReadWrite.All tenant microsoft
2f3e6f8c-093b-4c57-a58b-ba5ce494a169 Agreement.Read.All other microsoft
c9090d00-6101-42f0-a729-c41074260d47 Agreement.ReadWrite.All other microsoft
b0a39d8e-3025-45c8-bba4-272d070d9b78 Agreement.ReadWrite.All other other-cloud
d8e4ec18-f6c0-4620-8122-c8b1f2bf400e AgreementAcceptance.Read.All other microsoft
b86848a7-d5b1-41eb-a9b4-54a4e6306e97 APIConnectors.Read.All other microsoft
1dfe531a-24a6-4f1b-80f4-7a0dc5a0a171 APIConnectors.ReadWrite.All other microsoft
e12dae10-5a57-4817-b79d-dfbec5348930 AppCatalog.Read.All other microsoft
dc149144-f292-421e-b185-5953f2e98d7f AppCatalog.ReadWrite.All other microsoft
1574bc29-e3f3-4c30-b2b4-bdcd166729e3 AppCatalog.ReadWrite.All other other-cloud
3be0012a-cc4e-426b-895b-f9c836bf6381 Application-RemoteDesktopConfig.ReadWrite.All other public
faef97a4-c26a-4146-a81b-dd11b0037c9b Application-RemoteDesktopConfig.ReadWrite.All other other-cloud
9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30 Application.Read.All other microsoft  reads registrations, without secrets; two peers rate it high because its family ends there
1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9 Application.ReadWrite.All tenant microsoft
18a4783c-866b-4cc7-a460-3d5e5662c884 Application.ReadWrite.OwnedBy tenant microsoft  adds credentials to the applications that it owns, which may hold more than it does
06b708a9-e830-4db3-a914-8e69da51d44f AppRoleAssignment.ReadWrite.All tenant microsoft
45583558-1113-4d06-8969-e79a28edc9ad ApprovalSolution.ReadWrite.All other peer
93283d0a-6322-4fa8-966b-8c121624760d AttackSimulation.Read.All other microsoft
e125258e-8c8a-42a8-8f55-ab502afa52f3 AttackSimulation.ReadWrite.All other peer
b0afded3-3588-46d8-8b3d-9842eff778da AuditLog.Read.All other microsoft  tells who signed in and changed what, and opens nothing
5e1e9171-754d-478c-812c-f1755a9a4c2d AuditLogsQuery.Read.All other peer
381f742f-e1f8-4309-b4ab-e3d91ae4c5c1 AuthenticationContext.Read.All other microsoft
a88eef72-fed0-4bf7-a2a9-f19df33f8b83 AuthenticationContext.ReadWrite.All other microsoft
18133149-5489-40ac-80f0-4b6fa85f6cdc BackupRestore-Configuration.ReadWrite.All other public
9b305210-e32e-4a8d-a9b6-221c2a61e4cb BackupRestore-Configuration.ReadWrite.All other other-cloud
fb240865-88f8-4a1d-923f-98dbc7920860 BackupRestore-Control.ReadWrite.All other peer
bebd0841-a3d8-4313-a51d-731112c8ee41 BackupRestore-Restore.ReadWrite.All other public
f1df927b-cfd3-4681-bff2-a111410e6db3 BackupRestore-Restore.ReadWrite.All other other-cloud
57f1cf28-c0c4-4ec3-9a30-19a2eaaf2f6e BitlockerKey.Read.All data microsoft  opens the disk of every device
f690d423-6b29-4d04-98c6-694c42282419 BitlockerKey.ReadBasic.All other microsoft
6b22000a-1228-42ec-88db-b8c00399aecb Bookings.Manage.All other peer
6e98f277-b046-4193-a4f2-6bf6a78cd491 Bookings.Read.All other microsoft
0c4b2d20-7919-468d-8668-c54b09d4dee8 Bookings.ReadWrite.All other peer
9769393e-5a9f-4302-9e3d-7e018ecb64a7 BookingsAppointment.ReadWrite.All other microsoft
798ee544-9d2d-430c-a058-570e29e34338 Calendars.Read data microsoft
8ba4a692-bc31-4128-9094-475872af8a53 Calendars.ReadBasic.All other peer
ef54d2bf-783f-4e0f-bca1-3210c0444d99 Calendars.ReadWrite data microsoft
a2611786-80b3-417e-adaa-707d4261a5f0 CallRecord-PstnCalls.Read.All other microsoft
45bbb07e-7321-4fd7-a8f6-3ff27e6a81c8 CallRecords.Read.All other microsoft
a7a681dc-756e-4909-b988-f160edc6655f Calls.AccessMedia.All data microsoft
284383ee-7f6e-4e40-a2a8-e85dcb029101 Calls.Initiate.All other microsoft
4c277553-8a09-487b-8023-29ee378d8324 Calls.InitiateGroupCall.All other microsoft
f6b49018-60ab-4f81-83bd-22caeabfed2d Calls.JoinGroupCall.All other microsoft
fd7ccf6b-3d28-418b-9701-cd10f5cd2fd4 Calls.JoinGroupCallAsGuest.All other microsoft
f3a65bd4-b703-46df-8f7e-0174fea562aa Channel.Create other microsoft
6a118a39-1227-45d4-af0c-ea7b40d210bc Channel.Delete.All other microsoft
59a6b24b-4225-4393-8165-ebaec5f55d7a Channel.ReadBasic.All other microsoft
3b55498e-47ec-484f-8136-9013221c06a9 ChannelMember.Read.All other microsoft
35930dcf-aceb-4bd1-b99a-8ffed403c974 ChannelMember.ReadWrite.All other microsoft
7b2449af-6ccd-4f4d-9f78-e550c193f0d1 ChannelMessage.Read.All data microsoft
4d02b0cc-d90b-441f-8d82-4fb55c34d6bb ChannelMessage.UpdatePolicyViolation.All other microsoft
c97b873f-f59f-49aa-8a0e-52b32d762124 ChannelSettings.Read.All other microsoft
243cded2-bd16-4fd6-a953-ff8177894c3d ChannelSettings.ReadWrite.All other microsoft
d9c48af6-9ad9-47ad-82c3-63757137b9af Chat.Create other microsoft
6b7d71aa-70aa-4810-a8d9-5d9fb2830017 Chat.Read.All data microsoft
b2e060da-3baf-4687-9611-f4ebc0f0cbde Chat.ReadBasic.All other microsoft
294ce7c9-31ba-490a-ad7d-97a7d075e4ed Chat.ReadWrite.All data microsoft
7e847308-e030-4183-9899-5235d7270f58 Chat.UpdatePolicyViolation.All other microsoft
a3410be2-8e48-4f32-8454-c29a7465209d ChatMember.Read.All other microsoft
57257249-34ce-4810-a8a2-a03adf0c5693 ChatMember.ReadWrite.All other microsoft
b9bb2381-47a4-46cd-aafb-00cb12f68504 ChatMessage.Read.All data microsoft
64a59178-dad3-4673-89db-84fdcd622fec CloudApp-Discovery.Read.All other peer
a9e09520-8ed4-4cde-838e-4fdea192c227 CloudPC.Read.All other microsoft
3b4349e1-8cf5-45a3-95b7-69d1751d3e6a CloudPC.ReadWrite.All other microsoft
1260ad83-98fb-4785-abbb-d6cc1806fd41 ConsentRequest.Read.All other microsoft
9f1b81a7-0223-4428-bfa4-0bcb5535f27d ConsentRequest.ReadWrite.All other microsoft
b11b5083-c2df-4dbf-823b-e7146200a3ba ConsentRequest.ReadWrite.All other other-cloud
089fe4d0-434a-44c5-8827-41ba8a0b17f5 Contacts.Read data microsoft
6918b873-d17a-4dc1-b314-35f528134491 Contacts.ReadWrite data microsoft
cac88765-0581-4025-9725-5ebc13f729ee CrossTenantInformation.ReadBasic.All other microsoft
8b919d44-6192-4f3d-8a3b-f86f8069ae3c CrossTenantUserProfileSharing.Read.All other microsoft
306785c5-c09b-4ba0-a4ee-023f3da165cb CrossTenantUserProfileSharing.ReadWrite.All other microsoft
88bb2658-5d9e-454f-aacd-a3933e079526 CustomAuthenticationExtension.Read.All other microsoft
c2667967-7050-4e7e-b059-4cbbb3811d03 CustomAuthenticationExtension.ReadWrite.All other microsoft  adds claims to the tokens of applications that use the extension, not roles of the directory
b2b5a384-949a-4ef5-b775-19f15cf00f4f CustomAuthenticationExtension.ReadWrite.All other other-cloud
214e810f-fda8-4fd7-a475-29461495eb00 CustomAuthenticationExtension.Receive.Payload other microsoft
673a007a-9e0f-4c97-b066-3c0164486909 CustomDetection.Read.All other public
256643b7-3571-443a-950b-7a55da1e8285 CustomDetection.Read.All other other-cloud
e0fd9c8d-a12e-4cc9-9827-20c8c3cd6fb8 CustomDetection.ReadWrite.All other public
62876521-0b77-4cb5-b86e-6018cb1a6a7e CustomDetection.ReadWrite.All other other-cloud
3b37c5a4-1226-493d-bec3-5d6c6b866f3f CustomSecAttributeAssignment.Read.All other microsoft
eb3fd861-60df-440a-a09a-e71f7d968b6d CustomSecAttributeAssignment.Read.All other other-cloud
de89b5e4-5b8f-48eb-8925-29c2b33bd8bd CustomSecAttributeAssignment.ReadWrite.All other microsoft
b185aa14-d8d2-42c1-a685-0f5596613624 CustomSecAttributeDefinition.Read.All other microsoft
f3566c47-d25d-4a6d-bf9d-3f109c1c693d CustomSecAttributeDefinition.Read.All other other-cloud
12338004-21f4-4896-bf5e-b75dfaf1016d CustomSecAttributeDefinition.ReadWrite.All other microsoft
f6e9e124-4586-492f-adc0-c6f96e4823fd DelegatedAdminRelationship.Read.All other microsoft
cc13eba4-8cd8-44c6-b4d4-f93237adce58 DelegatedAdminRelationship.ReadWrite.All other microsoft  asks for a relationship, which the administrator of the customer has to accept
81b4724a-58aa-41c1-8a55-84ef97466587 DelegatedPermissionGrant.Read.All other peer
8e8e4742-1d95-4f68-9d56-6ee75648c72a DelegatedPermissionGrant.ReadWrite.All tenant microsoft
7438b122-aefc-4978-80ed-43db9fcc7715 Device.Read.All other microsoft
1138cb37-bd11-4084-a2b7-9f71582aeddb Device.ReadWrite.All other microsoft
884b599e-4d48-43a5-ba94-15c414d00588 DeviceLocalCredential.Read.All data peer  the local administrator of every device; needs a way to the device beside it
db51be59-e728-414b-b800-e0f010df1a79 DeviceLocalCredential.ReadBasic.All other peers  tells when the local passwords were changed, without the passwords; one peer takes it for the wider one
7a6ee1e7-141e-4cec-ae74-d9db155731ff DeviceManagementApps.Read.All other microsoft
78145de6-330d-4800-a6ce-494ff2d33d07 DeviceManagementApps.ReadWrite.All tenant microsoft  installs programs on every managed device, those of administrators too
315b6e8c-d92a-4691-919d-00ce76d1344a DeviceManagementCloudCA.Read.All other peer
f15eb2ba-ef8a-4f70-991d-da5d045154e2 DeviceManagementCloudCA.ReadWrite.All other peer
dc377aa6-52d8-4e23-b271-2a7ae04cedf3 DeviceManagementConfiguration.Read.All other microsoft
9241abd9-d0e6-425a-bd4f-47ba86e767a4 DeviceManagementConfiguration.ReadWrite.All tenant microsoft
5b07b0dd-2377-4e44-a38d-703f09a0dc3c DeviceManagementManagedDevices.PrivilegedOperations.All other microsoft  wipes and locks devices, and runs nothing on them
2f51be20-0bb4-4fed-bf7b-db946066c75e DeviceManagementManagedDevices.Read.All other microsoft
243333ab-4d21-40cb-a475-36241daa0842 DeviceManagementManagedDevices.ReadWrite.All other microsoft
58ca0d9a-1575-47e1-a3cb-007ef2e4583b DeviceManagementRBAC.Read.All other microsoft
e330c4f0-4170-414e-a55a-2f022ec2b57b DeviceManagementRBAC.ReadWrite.All tenant microsoft
c7a5be92-2b3d-4540-8a67-c96dcaae8b43 DeviceManagementScripts.Read.All other peer
9255e99d-faf5-445e-bbf7-cb71482737c4 DeviceManagementScripts.ReadWrite.All tenant peer  runs scripts as the system on every managed device, those of administrators too
06a5fe6d-c49d-46a7-b082-56b1b14103c7 DeviceManagementServiceConfig.Read.All other microsoft
5ac13192-7ace-4fcf-b828-1a26f28068ee DeviceManagementServiceConfig.ReadWrite.All other microsoft
7ab1d382-f21e-4acd-a863-ba3e13f7da61 Directory.Read.All other microsoft  reads the directory, as every member of the tenant may by default
19dbc75e-c2e2-444c-a770-ec69d8559fc7 Directory.ReadWrite.All tenant microsoft
f20584af-9290-4153-9280-ff8bb2c0ea7f Directory.Write.Restricted other microsoft
ae73097b-cb2a-4447-b064-5d80f6093921 DirectoryRecommendations.Read.All other microsoft
0e9eea12-4f01-45f6-9b8d-3ea4c8144158 DirectoryRecommendations.ReadWrite.All other microsoft
64d40371-8d58-4270-bc8a-b4a66de36b9a Domain-InternalFederation.ReadWrite.All tenant peer  signs in as anybody of a federated domain
dbb9058a-0e50-45d7-ae91-66909b5d4664 Domain.Read.All other microsoft
7e05723c-0bb0-42da-be95-ae9f08a6e53c Domain.ReadWrite.All tenant microsoft  makes a domain federated, and signs in as anybody of that domain
50180013-6191-4d1e-a373-e590ff4e66af eDiscovery.Read.All data microsoft
b2620db1-3bf7-4c5b-9cb9-576d29eac736 eDiscovery.ReadWrite.All data microsoft
66510d13-93d3-4077-b9e2-83bb78d8facd eDiscovery.ReadWrite.All data other-cloud
7c9db06a-ec2d-4e7b-a592-5a1e30992566 EduAdministration.Read.All other microsoft
9bc431c3-b8bc-4a8d-a219-40f10f92eff6 EduAdministration.ReadWrite.All other microsoft
4c37e1b6-35a1-43bf-926a-6f30f2cdf585 EduAssignments.Read.All other microsoft
6e0a958b-b7fc-4348-b7c4-a6ab9fd3dd0e EduAssignments.ReadBasic.All other microsoft
0d22204b-6cad-4dd0-8362-3e3f2ae699d9 EduAssignments.ReadWrite.All other microsoft
f431cc63-a2de-48c4-8054-a34bc093af84 EduAssignments.ReadWriteBasic.All other microsoft
e0ac9e1b-cb65-4fc5-87c5-1a8bc181f648 EduRoster.Read.All other microsoft
0d412a8c-a06c-439f-b3ec-8abcf54d2f96 EduRoster.ReadBasic.All other microsoft
d1808e82-ce13-47af-ae0d-f9b254e6d58a EduRoster.ReadWrite.All other microsoft
c74fd47d-ed3c-45c3-9a9e-b8676de685d2 EntitlementManagement.Read.All other microsoft
9acd699f-1e81-4958-b001-93b1d2506e19 EntitlementManagement.ReadWrite.All tenant microsoft
b7f6385c-6ce6-4639-a480-e23c42ed9784 EventListener.Read.All other microsoft
0edf5e9e-4ce8-468a-8432-d08631d18c43 EventListener.ReadWrite.All other microsoft
1914711b-a1cb-4793-b019-c2ce0ed21b8c ExternalConnection.Read.All other microsoft
34c37bc0-2b40-4d5e-85e1-2365cd256d79 ExternalConnection.ReadWrite.All other microsoft
f431331c-49a6-499f-be1c-62af19c34a9d ExternalConnection.ReadWrite.OwnedBy other microsoft
7a7cffad-37d2-4f48-afa4-c6ab129adcc2 ExternalItem.Read.All data microsoft
38c3d6ee-69ee-422f-b954-e17819665354 ExternalItem.ReadWrite.All data microsoft
8116ae0f-55c2-452d-9944-d18420f5b2c8 ExternalItem.ReadWrite.OwnedBy other microsoft
01d4889c-1287-42c6-ac1f-5d1e02578ef6 Files.Read.All data microsoft
75359482-378d-4052-8f01-80520e7db3cd Files.ReadWrite.All data microsoft  the files of everybody; the directory stays out of reach
bf7b1a76-6e77-406b-b258-bf5c7720e98f Group.Create other microsoft
5b567255-7703-4780-807c-7be8301ae99b Group.Read.All other microsoft  reads groups; two peers rate it high because its family ends there
62a82d76-70ea-41e2-9197-370581804d09 Group.ReadWrite.All tenant microsoft
98830695-27a2-44f7-8c18-0c3ebc9698f6 GroupMember.Read.All other microsoft
dbaae8cf-10b5-4b86-a4a1-f871c94c6695 GroupMember.ReadWrite.All tenant microsoft
e321f0bb-e7f7-481e-bb28-e3b0b32d4bd0 IdentityProvider.Read.All other microsoft
90db2b9a-d928-4d33-a4dd-8442ae3d41e4 IdentityProvider.ReadWrite.All other microsoft  admits guests and customers of a new identity provider, not as members that exist
6e472fd1-ad78-48da-a0f0-97ab2c6b769e IdentityRiskEvent.Read.All other microsoft
db06fb33-1953-4b7b-a2ac-f1e2c854f7ae IdentityRiskEvent.ReadWrite.All other microsoft
607c7344-0eed-41e5-823a-9695ebe1b7b0 IdentityRiskyServicePrincipal.Read.All other microsoft
cb8d6980-6bcb-4507-afec-ed6de3a2d798 IdentityRiskyServicePrincipal.ReadWrite.All other microsoft
abab1d20-e7bc-4aa0-ae69-6e12e2db858e IdentityRiskyServicePrincipal.ReadWrite.All other other-cloud
dc5007c0-2d7d-4c42-879c-2dab87571379 IdentityRiskyUser.Read.All other microsoft
656f6061-f9fe-4807-9708-6a2e0934df76 IdentityRiskyUser.ReadWrite.All other microsoft
1b0c317f-dd31-4305-9932-259a8b6e8099 IdentityUserFlow.Read.All other microsoft
65319a09-a2be-469d-8782-f6b07debf789 IdentityUserFlow.ReadWrite.All other microsoft  changes the pages by which customers sign up
cbe6c7e4-09aa-4b8d-b3c3-2dbb59af4b54 InformationProtectionContent.Sign.All other microsoft
287bd98c-e865-4e8c-bade-1a85523195b9 InformationProtectionContent.Write.All other microsoft
19da66cb-0fb0-4390-b071-ebc76a349482 InformationProtectionPolicy.Read.All other microsoft
8740813e-d8aa-4204-860e-2a0f8f84dbc8 LearningContent.Read.All other microsoft
444d6fcb-b738-41e5-b103-ac4f2a2628a3 LearningContent.ReadWrite.All other microsoft
5facf0c1-8979-4e95-abcf-ff3d079771c0 LicenseAssignment.ReadWrite.All other microsoft  takes licences away, and opens nothing
3351c766-bacc-4d93-94fa-f2c8b1986ee7 LifecycleWorkflows-CustomExt.ReadWrite.All other peer
94c88098-1d9d-4c42-a356-4d5a95312554 LifecycleWorkflows-Workflow.ReadWrite.All other peer
7c67316a-232a-4b84-be22-cea2c0906404 LifecycleWorkflows.Read.All other peer
5c505cf4-8424-4b8e-aa14-ee06e3bb23e3 LifecycleWorkflows.ReadWrite.All other peer
e118f1da-5c1c-46cf-bff6-8858d786f46f Mail-Advanced.ReadWrite.All data peer
810c84a8-4a9e-49e6-bf7d-12d183f40d01 Mail.Read data microsoft
6be147d2-ea4f-4b5a-a3fa-3eab6f3c140a Mail.ReadBasic other microsoft
693c5e45-0940-467d-9b8a-1022fb9d42ef Mail.ReadBasic.All other microsoft
e2a3a72e-5f79-4c64-b1b1-878b674786c9 Mail.ReadWrite data microsoft  every mailbox, and the codes that are sent there; the directory stays out of reach
b633e1c5-b582-4048-a93e-9f11b44c7e96 Mail.Send data microsoft  writes in the name of anybody
99280d24-a782-4793-93cc-0888549957f6 MailboxFolder.Read.All other peer
fef87b92-8391-4589-9da7-eb93dab7dc8a MailboxFolder.ReadWrite.All other peer
7d9f353d-a7bd-4fbb-822a-26d5dd39a3ce MailboxItem.Read.All data peer
40f97065-369a-49f4-947c-6a255697ae91 MailboxSettings.Read other microsoft
6931bccd-447a-43d1-b442-00a195474933 MailboxSettings.ReadWrite data microsoft  makes rules that forward all mail
658aa5d8-239f-45c4-aa12-864f4fc7e490 Member.Read.Hidden other microsoft
920def01-ca61-4d2d-b3df-105b46046a70 MultiTenantOrganization.ReadWrite.All other public
ced1311f-4766-4c29-9141-545cf2525f0f MultiTenantOrganization.ReadWrite.All other other-cloud
e30060de-caa5-4331-99d3-6ac6c966a9a4 NetworkAccess.Read.All other peer
b10642fc-a6cf-4c46-87f9-e1f96c2a18aa NetworkAccess.ReadWrite.All other peer
39ae4a24-1ef0-49e8-9d63-2a66f5c39edd NetworkAccessBranch.Read.All other peer
8137102d-ec16-4191-aaf8-7aeda8026183 NetworkAccessBranch.ReadWrite.All other peer
8a3d36bf-cb46-4bcc-bec9-8d92829dab84 NetworkAccessPolicy.Read.All other peer
f0c341be-8348-4989-8e43-660324294538 NetworkAccessPolicy.ReadWrite.All other peer
3aeca27b-ee3a-4c2b-8ded-80376e2134a4 Notes.Read.All data microsoft
0c458cef-11f3-48c2-a568-c66751c238c0 Notes.ReadWrite.All data microsoft
df01ed3b-eb61-4eca-9965-6b3d789751b2 OnlineMeetingArtifact.Read.All other microsoft
a4a08342-c95d-476b-b943-97e100569c8d OnlineMeetingRecording.Read.All data microsoft
c1684f21-1984-47fa-9d61-2dc8c296bb70 OnlineMeetings.Read.All other microsoft
b8bb2037-6e08-44ac-a4ea-4674e010e2a4 OnlineMeetings.ReadWrite.All data microsoft
a4a80d8d-d283-4bd8-8504-555ec3870630 OnlineMeetingTranscript.Read.All data microsoft
bb70e231-92dc-4729-aff5-697b3f04be95 OnPremDirectorySynchronization.Read.All other peer
c22a92cc-79bf-4bb1-8b6c-e0a05d3d80ce OnPremDirectorySynchronization.ReadWrite.All tenant public  takes the protection away that keeps synchronisation from taking accounts of the cloud over
b615aeec-938d-425a-95ed-ce1044f25e6f OnPremDirectorySynchronization.ReadWrite.All tenant other-cloud
0b57845e-aa49-4e6f-8109-ce654fffa618 OnPremisesPublishingProfiles.ReadWrite.All other microsoft
498476ce-e0fe-48b0-b801-37ba7e2685c6 Organization.Read.All other microsoft
292d869f-3427-49a8-9dab-8c70152b74e9 Organization.ReadWrite.All tenant microsoft
e1a88a34-94c4-4418-be12-c87b00e26bea OrgContact.Read.All other microsoft
b528084d-ad10-4598-8b93-929746b4d7d6 People.Read.All other microsoft
913b9306-0ce1-42b8-9137-6a7df690a760 Place.Read.All other microsoft
246dd0d5-5bd0-4def-940b-0421030a5b68 Policy.Read.All other microsoft
37730810-e9ba-4e46-b07e-8ca78d182097 Policy.Read.ConditionalAccess other microsoft
9e640839-a198-48fb-8b9a-013fd6f6cbcd Policy.Read.PermissionGrant other microsoft
77c863fd-06c0-47ce-a7eb-49773e89d319 Policy.ReadWrite.AccessReview other microsoft
be74164b-cff1-491c-8741-e671cb536e13 Policy.ReadWrite.ApplicationConfiguration other microsoft
25f85f3c-f66c-4205-8cd5-de92dd7f0cec Policy.ReadWrite.AuthenticationFlows other microsoft
29c18626-4985-4dcd-85c0-193eef327366 Policy.ReadWrite.AuthenticationMethod tenant microsoft
fb221be6-99f2-473f-bd32-01c6a0e9ca3b Policy.ReadWrite.Authorization tenant microsoft  lets every user consent to every client, as Policy.ReadWrite.PermissionGrant may
01c0a623-fc9b-48e9-b794-0756f8e8f067 Policy.ReadWrite.ConditionalAccess tenant microsoft  shuts administrators out, or lets everybody in without a second factor
999f8c63-0a38-4f1b-91fd-ed1947bdd1a9 Policy.ReadWrite.ConsentRequest other microsoft
338163d7-f101-4c92-94ba-ca46fe52447c Policy.ReadWrite.CrossTenantAccess other microsoft  weakens what guests must prove, and opens nothing by itself
fee6283f-d06e-48c1-b824-b335a5d92ba1 Policy.ReadWrite.CrossTenantAccess other other-cloud
2044e4f1-e56c-435b-925c-44cd8f6ba89a Policy.ReadWrite.FeatureRollout other microsoft
a402ca1c-2696-4531-972d-6e5ee4aa11ea Policy.ReadWrite.PermissionGrant tenant microsoft
1c6e93a6-28e2-4cbb-9f64-1a46a821124d Policy.ReadWrite.SecurityDefaults tenant peer  switches the second factor off for the tenant, as Policy.ReadWrite.ConditionalAccess may
79a677f7-b79d-40d0-a36a-3e6f8688dd7a Policy.ReadWrite.TrustFramework tenant microsoft  changes how customers of an external tenant sign in, and as whom
a70e0c2d-e793-494c-94c4-118fa0a67f42 Presence.Read.All other public
8cbe86c1-747b-4599-a1bc-f872f7f221f0 Presence.Read.All other other-cloud
83cded22-8297-4ff6-a7fa-e97e9545a259 Presence.ReadWrite.All other microsoft
9709bb33-4549-49d4-8ed9-a8f65e45bb0f Printer.Read.All other microsoft
f5b3f73d-6247-44df-a74c-866173fddab0 Printer.ReadWrite.All other microsoft
58a52f47-9e36-4b17-9ebe-ce4ef7f3e6c8 PrintJob.Manage.All other microsoft
ac6f956c-edea-44e4-bd06-64b1b4b9aec9 PrintJob.Read.All data microsoft
fbf67eee-e074-4ef7-b965-ab5ce1c1f689 PrintJob.ReadBasic.All other microsoft
5114b07b-2898-4de7-a541-53b0004e2e13 PrintJob.ReadWrite.All data microsoft
57878358-37f4-4d3a-8c20-4816e0d457b1 PrintJob.ReadWriteBasic.All other microsoft
b5991872-94cf-4652-9765-29535087c6d8 PrintSettings.Read.All other microsoft
456b71a7-0ee0-4588-9842-c123fcc8f664 PrintTaskDefinition.ReadWrite.All other microsoft
124325f3-0c46-4c57-a050-d6d1a82510f6 PrivilegedAccess-CustomExt.ReadWrite.All other peer
4cdc2547-9148-4295-8d11-be0db1391d6b PrivilegedAccess.Read.AzureAD other microsoft
01e37dc9-c035-40bd-b438-b2879c4870a6 PrivilegedAccess.Read.AzureADGroup other microsoft
5df6fe86-1be0-44eb-b916-7bd443a71236 PrivilegedAccess.Read.AzureResources other microsoft
854d9ab1-6657-4ec8-be45-823027bcd009 PrivilegedAccess.ReadWrite.AzureAD tenant microsoft  gives roles by the interface that RoleAssignmentSchedule.ReadWrite.Directory replaces; no peer rates it
2f6817f8-7b12-4f0f-bc18-eeaf60705a9e PrivilegedAccess.ReadWrite.AzureADGroup tenant microsoft
6f9d5abc-2db6-400b-a267-7de22a40fb87 PrivilegedAccess.ReadWrite.AzureResources tenant microsoft  gives roles of Azure up to the whole tenant; no peer rates it
41202f2c-f7ab-45be-b001-85c9728b9d69 PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup tenant peers
edb419d6-7edc-42a3-9345-509bfdf5d87c PrivilegedEligibilitySchedule.Read.AzureADGroup other peer
618b6020-bca8-4de6-99f6-ef445fa4d857 PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup tenant peers
eedb7fdd-7539-4345-a38b-4839e4a84cbd ProgramControl.Read.All other microsoft
60a901ed-09f7-4aa5-a16e-7dd3d6f9de36 ProgramControl.ReadWrite.All other microsoft
091937d3-3e38-47a1-8649-b2f99d3035f1 ProvisioningLog.Read.All other peer
ac3a2b8e-03a3-4da9-9ce0-cbe28bf1accd RecordsManagement.Read.All other microsoft
eb158f57-df43-4751-8b21-b8932adb3d34 RecordsManagement.ReadWrite.All other microsoft
230c1aed-a721-4c5d-9cb4-a90514e508ef Reports.Read.All other microsoft
ee353f83-55ef-4b78-82da-555bfa2b4b95 ReportSettings.Read.All other microsoft
2a60023f-3219-47ad-baa4-40e17cd02a1d ReportSettings.ReadWrite.All other microsoft
dd199f4a-f148-40a4-a2ec-f0069cc799ec RoleAssignmentSchedule.ReadWrite.Directory tenant peers
f0060247-9e6b-4299-9094-858a175d488b RoleAssignmentSchedule.ReadWrite.Directory tenant other-cloud
fee28b28-e1f3-4841-818e-2704dc62245f RoleEligibilitySchedule.ReadWrite.Directory tenant peers
aaddf15b-d1a9-4fd7-bd46-cbb2ae85162e RoleEligibilitySchedule.ReadWrite.Directory tenant other-cloud
c7fbd983-d9aa-4fa7-84b8-17382c103bc4 RoleManagement.Read.All other microsoft
031a549a-bb80-49b6-8032-2068448c6a3c RoleManagement.Read.CloudPC other microsoft
483bed4a-2ad3-4361-a73b-c83ccdbdc53c RoleManagement.Read.Directory other microsoft
274d0592-d1b6-44bd-af1d-26d259bcb43a RoleManagement.ReadWrite.CloudPC other microsoft
8b7e8c0a-7e9d-4049-97ec-04b5e1bcaf05 RoleManagement.ReadWrite.Defender tenant peer  gives roles that run commands on every device, those of administrators too
9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8 RoleManagement.ReadWrite.Directory tenant microsoft
025d3225-3f02-4882-b4c0-cd5b541a4e80 RoleManagement.ReadWrite.Exchange data peer  gives roles over every mailbox; the directory stays out of reach
69e67828-780e-47fd-b28c-7b27d14864e6 RoleManagementPolicy.Read.AzureADGroup other peer
b38dcc4d-a239-4ed6-aa84-6c65b284f97c RoleManagementPolicy.ReadWrite.AzureADGroup tenant peers
31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad RoleManagementPolicy.ReadWrite.Directory tenant peers
6e7a5640-116b-45cb-a24a-1b9e9921fbbd RoleManagementPolicy.ReadWrite.Directory tenant other-cloud
7b2ebf90-d836-437f-b90d-7b62722c4456 Schedule.Read.All other microsoft
b7760610-0545-4e8a-9ec3-cce9e63db01c Schedule.ReadWrite.All other microsoft
ada977a5-b8b1-493b-9a91-66c206d76ecf SearchConfiguration.Read.All other microsoft
0e778b85-fefa-466d-9eec-750569d92122 SearchConfiguration.ReadWrite.All other microsoft
5e0edab9-c148-49d0-b423-ac253e121825 SecurityActions.Read.All other microsoft
f2bf083f-0179-402a-bedb-b2784de8a49b SecurityActions.ReadWrite.All other microsoft
472e4a4d-bb4a-4026-98d1-0b0d74cb74a5 SecurityAlert.Read.All other microsoft
64c33fcb-e6aa-490d-bed5-6016a9ef8f6d SecurityAlert.Read.All other other-cloud
ed4fca05-be46-441f-9803-1873825f8fdb SecurityAlert.ReadWrite.All other microsoft
a76e26a7-ad88-4264-bb86-01a1e214c175 SecurityAlert.ReadWrite.All other other-cloud
b48f7ac2-044d-4281-b02f-75db744d6f5f SecurityAnalyzedMessage.Read.All other public
04c55753-2244-4c25-87fc-704ab82a4f69 SecurityAnalyzedMessage.ReadWrite.All other public
bf394140-e372-4bf9-a898-299cfc7564e5 SecurityEvents.Read.All other microsoft
d903a879-88e0-4c09-b0c9-82f6a1333f84 SecurityEvents.ReadWrite.All other microsoft
af2bf46f-7bf1-4be3-8bad-e17e279e8462 SecurityIdentitiesActions.ReadWrite.All other peer
4f1f0deb-08d1-4ffb-8cca-21dfc362b7c0 SecurityIdentitiesAutoConfig.ReadWrite.All other peer
f8dcd971-5d83-4e1e-aa95-ef44611ad351 SecurityIdentitiesHealth.Read.All other peer
ab03ddd5-7ae4-4f2e-8af8-86654f7e0a27 SecurityIdentitiesHealth.ReadWrite.All other peer
d4dcee6d-0774-412a-b06c-aeabbd99e816 SecurityIdentitiesSensors.ReadWrite.All other peer
3e5d0bee-973f-4736-a123-4e1ab146f3a8 SecurityIdentitiesUserActions.Read.All other peer
b4146a3a-dd4f-4af4-8d91-7cc0eef3d041 SecurityIdentitiesUserActions.ReadWrite.All other peer
45cc0394-e837-488b-a098-1918f48d186c SecurityIncident.Read.All other microsoft
34bf0e97-1971-4929-b999-9e2442d941d7 SecurityIncident.ReadWrite.All other microsoft
82c6edcf-5a3a-4b6a-9212-f96ea2c855fb SecurityIncident.ReadWrite.All other other-cloud
c766cb16-acc4-4663-ba09-6eedef5876c5 ServiceActivity-Microsoft365Web.Read.All other peer
79c261e0-fe76-4144-aad5-bdc68fbe4037 ServiceHealth.Read.All other microsoft
1b620472-6534-4fe6-9df2-4680e8aa28ec ServiceMessage.Read.All other microsoft
5256681e-b7f6-40c0-8447-2d9db68797a0 ServicePrincipalEndpoint.Read.All other microsoft
89c8469c-83ad-45f7-8ff2-6e3d4285709e ServicePrincipalEndpoint.ReadWrite.All other microsoft  changes addresses by which nobody signs in
9ec3ab20-236b-450e-be94-4c17b7948618 ServicePrincipalEndpoint.ReadWrite.All other other-cloud
83d4163d-a2d8-4d3b-9695-4ae3ca98f888 SharePointTenantSettings.Read.All other microsoft
ecd0c692-8a5a-49fc-9e89-ecbbb58b04a9 SharePointTenantSettings.Read.All other other-cloud
19b94e34-907c-4f43-bde9-38b1909ed408 SharePointTenantSettings.ReadWrite.All other microsoft
3a673978-9df8-4c1a-a994-a4414f7ce387 SharePointTenantSettings.ReadWrite.All other other-cloud
0c7d31ec-31ca-4f58-b6ec-9950b6b0de69 ShortNotes.Read.All data microsoft
842c284c-763d-4a97-838d-79787d129bab ShortNotes.ReadWrite.All data microsoft
7fc588a2-ea2d-4d1f-bcf7-33c324b149b8 SignInIdentifier.ReadWrite.All tenant peer  changes the name by which a person signs in
a82116e5-55eb-4c41-a434-62fe8a61c773 Sites.FullControl.All data microsoft  the sites of everybody; the directory stays out of reach
0c0bf378-bf22-4481-8f81-9e89a9b4960a Sites.Manage.All data microsoft
332a536c-c7ef-4017-ab91-336970924f0d Sites.Read.All data microsoft
9492366f-7969-46a4-8d15-ed1a20078fff Sites.ReadWrite.All data microsoft  the sites of everybody; the directory stays out of reach
883ea226-0bf2-4a8f-9f9d-92c9162a727d Sites.Selected other microsoft
ee1460f0-368b-4153-870a-4e1ca7e72c42 SubjectRightsRequest.Read.All other microsoft
8387eaa4-1a3c-41f5-b261-f888138e6041 SubjectRightsRequest.ReadWrite.All other microsoft
5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce Synchronization.Read.All other public
8c0a7004-4562-43d5-bf3c-e6526d63f3e4 Synchronization.Read.All other other-cloud
9b50c33d-700f-43b1-b2eb-87e89b703581 Synchronization.ReadWrite.All other public  changes which accounts are copied to other services
7b34580a-e1eb-4327-aa30-0e48cd4ae5ac Synchronization.ReadWrite.All other other-cloud
f10e1f91-74ed-437f-a6fd-d6ae88e26c1f Tasks.Read.All data microsoft
44e666d1-d276-445b-a5fc-8815eeb81d55 Tasks.ReadWrite.All data microsoft
23fc2474-f741-46ce-8465-674744c5c361 Team.Create other microsoft
2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e Team.ReadBasic.All other microsoft
660b7406-55f1-41ca-a0ed-0b035e182f3e TeamMember.Read.All other microsoft
0121dc95-1b9f-4aed-8bac-58c5ac466691 TeamMember.ReadWrite.All other microsoft
4437522e-9a86-4a41-a7da-e380edd4a97d TeamMember.ReadWriteNonOwnerRole.All other microsoft
70dec828-f620-4914-aa83-a29117306807 TeamsActivity.Read.All other microsoft
a267235f-af13-44dc-8385-c1dc93023186 TeamsActivity.Send other microsoft
cc7e7635-2586-41d6-adaa-a8d3bcad5ee5 TeamsAppInstallation.ReadForChat.All other microsoft
1f615aea-6bf9-4b05-84bd-46388e138537 TeamsAppInstallation.ReadForTeam.All other microsoft
9ce09611-f4f7-4abd-a629-a05450422a97 TeamsAppInstallation.ReadForUser.All other microsoft
9e19bae1-2623-4c4f-ab6e-2664615ff9a0 TeamsAppInstallation.ReadWriteForChat.All other microsoft
5dad17ba-f6cc-4954-a5a2-a0dcc95154f0 TeamsAppInstallation.ReadWriteForTeam.All other microsoft
74ef0291-ca83-4d02-8c7e-d2391e6a444f TeamsAppInstallation.ReadWriteForUser.All other microsoft
73a45059-f39c-4baf-9182-4954ac0e55cf TeamsAppInstallation.ReadWriteSelfForChat.All other microsoft
9f67436c-5415-4e7f-8ac1-3014a7132630 TeamsAppInstallation.ReadWriteSelfForTeam.All other microsoft
908de74d-f8b2-4d6b-a9ed-2a17b3b78179 TeamsAppInstallation.ReadWriteSelfForUser.All other microsoft
242607bd-1d2c-432c-82eb-bdb27baa23ab TeamSettings.Read.All other microsoft
bdd80a03-d9bc-451d-b7c4-ce7c63fe3c8f TeamSettings.ReadWrite.All other microsoft
49981c42-fd7b-4530-be03-e77b21aed25e TeamsTab.Create other microsoft
46890524-499a-4bb2-ad64-1476b4f3e1cf TeamsTab.Read.All other microsoft
a96d855f-016b-47d7-b51c-1218a98d791c TeamsTab.ReadWrite.All other microsoft
fd9ce730-a250-40dc-bd44-8dc8d20f39ea TeamsTab.ReadWriteForChat.All other microsoft
6163d4f4-fbf8-43da-a7b4-060fe85ed148 TeamsTab.ReadWriteForTeam.All other microsoft
425b4b59-d5af-45c8-832f-bb0b7402348a TeamsTab.ReadWriteForUser.All other microsoft
9f62e4a2-a2d6-4350-b28b-d244728c4f86 TeamsTab.ReadWriteSelfForChat.All other microsoft
91c32b81-0ef0-453f-a5c7-4ce2e562f449 TeamsTab.ReadWriteSelfForTeam.All other microsoft
3c42dec6-49e8-4a0a-b469-36cff0d9da93 TeamsTab.ReadWriteSelfForUser.All other microsoft
dfb0dd15-61de-45b2-be36-d6a69fba3c79 Teamwork.Migrate.All data microsoft  writes messages in the name of anybody; no account is opened
475ebe88-f071-4bd7-af2b-642952bd4986 TeamworkAppSettings.Read.All other microsoft
ab5b445e-8f10-45f4-9c79-dd3f8062cc4e TeamworkAppSettings.ReadWrite.All other microsoft
0591bafd-7c1c-4c30-a2a5-2b9aacb1dfe8 TeamworkDevice.Read.All other microsoft
79c02f5b-bd4f-4713-bc2c-a8a4a66e127b TeamworkDevice.ReadWrite.All other microsoft
70549927-dd38-44e4-a76f-e91b5ec6acc4 TeamworkDevice.ReadWrite.All other other-cloud
b74fd6c4-4bde-488e-9695-eeb100e4907f TeamworkTag.Read.All other microsoft
a3371ca5-911d-46d6-901c-42c8c7a937d8 TeamworkTag.ReadWrite.All other microsoft
ea047cc2-df29-4f3e-83a3-205de61501ca TermStore.Read.All other microsoft
f12eb8d6-28e3-46e6-b2c0-b7e4dc69fc95 TermStore.ReadWrite.All other microsoft
f8f035bb-2cce-47fb-8bf5-7baf3ecbee48 ThreatAssessment.Read.All other microsoft
dd98c7f5-2d42-42d3-a0e4-633161547251 ThreatHunting.Read.All data microsoft  what every device and mailbox did, message subjects and command lines too
5f804853-e3b1-447b-9a8b-6d3e1257c72a ThreatHunting.Read.All data other-cloud
197ee4e9-b993-4066-898f-d6aecc55125b ThreatIndicators.Read.All other microsoft
21792b6c-c986-4ffc-85de-df9da54b52fa ThreatIndicators.ReadWrite.OwnedBy other microsoft
e0b77adb-e790-44a3-b0a0-257d06303687 ThreatIntelligence.Read.All other public
db15c1d9-e426-4f6c-b43d-1ab784f2bf88 ThreatIntelligence.Read.All other other-cloud
86632667-cd15-4845-ad89-48a88e8412e1 ThreatSubmission.Read.All other microsoft
d72bdbf4-a59b-405c-8b04-5995895819ac ThreatSubmission.ReadWrite.All other microsoft
926a6798-b100-4a20-a22f-a4918f13951d ThreatSubmissionPolicy.ReadWrite.All other microsoft
fff194f1-7dce-4428-8301-1badb5518201 TrustFrameworkKeySet.Read.All other microsoft
4a771c9a-1cf2-4609-b88e-3d3e02d539cd TrustFrameworkKeySet.ReadWrite.All tenant microsoft  replaces the keys that sign the tokens of an external tenant
9d952b72-f741-4b40-9185-8c53076c2339 User-ConvertToInternal.ReadWrite.All tenant peer  gives a guest, who may be an administrator, a password that it knows
cc117bb9-00cf-4eb8-b580-ea2a878fe8f7 User-PasswordProfile.ReadWrite.All tenant peers
eccc023d-eccf-4e7b-9683-8813ab36cecc User.DeleteRestore.All tenant peers  deletes administrators, and restores accounts that were taken away
3011c876-62b7-4ada-afa2-506cbbecc68c User.EnableDisableAccount.All tenant peers  shuts every administrator out
405a51b5-8d8d-430b-9842-8be4b0e9f324 User.Export.All data microsoft
09850681-111b-4a89-9bed-3f2cae46d706 User.Invite.All other microsoft
c529cfca-c91b-489c-af2b-d92990b66ce6 User.ManageIdentities.All tenant microsoft  adds an identity to the account of somebody else, and signs in as that person
df021288-bdef-4463-88db-98f22de89214 User.Read.All other microsoft
741f803b-c850-494e-b5df-cde7c675a1ca User.ReadWrite.All tenant microsoft  changes the attributes by which dynamic groups and synchronised accounts are told apart
5652f862-b626-407b-a3e6-248aeb95763c User.ReadWrite.CrossCloud other peer
38d9df27-64da-44fd-b7c5-a6fbac20248f UserAuthenticationMethod.Read.All other microsoft
50483e42-d915-4231-9639-7fdb7fd190e5 UserAuthenticationMethod.ReadWrite.All tenant microsoft
e8ecb853-1435-4a49-95ba-ec5b31b11672 UserAuthMethod-Email.ReadWrite.All tenant peer
c7a22c2e-5b01-4129-8159-6c8be2c78f16 UserAuthMethod-External.ReadWrite.All tenant peer
7e9ebcc1-90aa-4471-8051-e68d6b4e9c89 UserAuthMethod-HardwareOATH.ReadWrite.All tenant peer
c833c349-a1ab-4b6d-94a2-fa9a8674420c UserAuthMethod-MicrosoftAuthApp.ReadWrite.All tenant peer
0400e371-7db1-4338-a269-96069eb65227 UserAuthMethod-Passkey.ReadWrite.All tenant peer
f6d38dfd-ec08-4995-8f07-23e929df0936 UserAuthMethod-Password.ReadWrite.All tenant peer
6e85d483-7092-4375-babe-0a94a8213a58 UserAuthMethod-Phone.ReadWrite.All tenant peer
1a87acf4-a9ca-4576-a974-452ea265d5f6 UserAuthMethod-PlatformCred.ReadWrite.All tenant peer
4869299f-18c3-40c8-98f2-222657e67db1 UserAuthMethod-QR.ReadWrite.All tenant peer
787442d4-3c6e-4e99-aa95-8ccca20a48ff UserAuthMethod-SoftwareOATH.ReadWrite.All tenant peer
627169a8-8c15-451c-861a-5b80e383de5c UserAuthMethod-TAP.ReadWrite.All tenant peer
f14eee8a-713e-45aa-8223-2ab74632db1a UserAuthMethod-WindowsHello.ReadWrite.All tenant peer
4e774092-a092-48d1-90bd-baad67c7eb47 UserNotification.ReadWrite.CreatedByApp other microsoft
de023814-96df-4f53-9376-1e2891ef5a18 UserShiftPreferences.Read.All other microsoft
d1eec298-80f3-49b0-9efb-d90e224798ac UserShiftPreferences.ReadWrite.All other microsoft
7dd1be58-6e76-4401-bf8d-31d1e8180d5b WindowsUpdates.ReadWrite.All other microsoft
202bf709-e8e6-478e-bcfd-5d63c50b68e3 WorkforceIntegration.ReadWrite.All other microsoft
"""
