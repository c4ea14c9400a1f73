"""What Exchange, SharePoint, Power BI and their neighbours offer. See ``rules.knowledge.permissions`` for the form."""

from typing import Final

ROWS: Final = """\
00000002-0000-0ff1-ce00-000000000000 Role
798ee544-9d2d-430c-a058-570e29e34338 Calendars.Read data public
2dfdc6dc-2fa7-4a2c-a922-dbd4f85d17be Calendars.Read.All data public
ef54d2bf-783f-4e0f-bca1-3210c0444d99 Calendars.ReadWrite.All data peers
089fe4d0-434a-44c5-8827-41ba8a0b17f5 Contacts.Read data public
6918b873-d17a-4dc1-b314-35f528134491 Contacts.ReadWrite data public
dc50a0fb-09a3-484d-be87-e023b12c6440 Exchange.ManageAsApp data public  needs a role of Exchange beside it
ea3d980d-ebc7-4be4-8298-a167e5b8797c Exchange.ManageAsAppV2 data peer  needs a role of Exchange beside it
dc890d15-9560-4a4c-9b7f-a736ec74ec40 full_access_as_app mailbox public
5e5addcd-3e8d-4e90-baf5-964efab2b20a IMAP.AccessAsApp mailbox public
28b54159-e98b-4a00-9d52-10c8c7cbd7f3 IMAP.AccessAsApp mailbox other-cloud
810c84a8-4a9e-49e6-bf7d-12d183f40d01 Mail.Read data peers
e2a3a72e-5f79-4c64-b1b1-878b674786c9 Mail.ReadWrite data peers  every mailbox, and the codes that are sent there; the directory stays out of reach
b633e1c5-b582-4048-a93e-9f11b44c7e96 Mail.Send data peers
f7264778-fba9-422d-8e9e-2675a2c4b513 Mailbox.Migration data public
d45fa9f8-36e5-4cd2-b601-b063c7cf9ac2 MailboxSettings.Read other public
f9156939-25cd-4ba8-abfe-7fabcf003749 MailboxSettings.ReadWrite data public
c976971c-a54d-4835-a240-2479e3dac74a Organization.ReadWrite.All other public  settings of Exchange, not those of the directory
cb842b43-da6e-4506-86fe-bb12199c656d POP.AccessAsApp mailbox public
de49976f-4890-467b-967d-b3847b062f21 POP.AccessAsApp mailbox other-cloud
7146a1f0-8703-45b3-9eae-527a64c00995 SMTP.SendAsApp mailbox public  writes in the name of any mailbox by an old protocol
ce81e10f-fda1-4348-8947-f7fdb6c649ad SMTP.SendAsApp mailbox other-cloud
bf24470f-10c1-436d-8d53-7b997eb473be User.Read.All other public
77e65b5a-ceae-48b3-9490-50a86a038a48 User.ReadBasic.All other public

00000002-0000-0ff1-ce00-000000000000 Scope
5b9be81f-2977-4d27-8faf-bb43af8fc705 Calendars.Read other public
da710fc9-1e83-407b-8c5c-09d225031769 Calendars.Read.All other public
765f423e-b55d-412e-97e3-13a800c3a537 Calendars.ReadWrite other public
bbd1ca91-75e0-4814-ad94-9c5dbbae3415 Calendars.ReadWrite.All other public
4585ecca-5b47-432f-ac70-e1391e4951ed Calendars.ReadWrite.Shared other public
181aac24-028a-486e-a649-b3742c74ec71 Contacts.Read other public
d660a04c-7b62-4b4c-bea3-89226df00142 Contacts.Read.All other public
32253599-e142-4cf0-810d-4827eedd1cfa Contacts.ReadWrite other public
44882612-f346-430a-b938-4f00ee1c77a7 Contacts.ReadWrite.All other public
266d2589-20b5-4f91-9a03-89247d1be8da EAS.AccessAsUser.All data public
3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5 EWS.AccessAsUser.All data public
ab4f2b77-0b06-4fc1-a9de-02113fc2ab7c Exchange.Manage data public
44d6b5f2-d42b-4fa7-b999-1c5fcab98e4d Exchange.ManageV2 data peer
27235839-268c-4d68-a668-351401ff623a Group.ReadWrite.All other public
195adc35-e27b-454b-a7ed-1ecdffa1c09f IMAP.AccessAsUser.All data public
185758ba-798d-4b72-9e54-429a413a2510 Mail.Read data public
ad13ac2e-ad46-4dc0-b7da-249c94395a6d Mail.Read.All data public
1d894596-c906-42b1-8422-9360440c1c0c Mail.Read.Shared data public
dab085de-3e14-432f-a47f-84b6457059c4 Mail.ReadBasic other public
75767999-c7a8-481e-a6b4-19458e0b30a5 Mail.ReadWrite data public
140e747e-90d3-4de0-8618-85a0cc7a1129 Mail.ReadWrite.All data public
b09ec548-3f99-4d0a-859c-c9b7ff53b7a9 Mail.ReadWrite.Shared data public
5eb43c10-865a-4259-960a-83946678f8dd Mail.Send data public
e843bc88-e493-446d-a73c-0ded7ff1913f Mail.Send.All data public
d36ad51d-15a2-458d-9b3a-16dbe4c51c30 MailboxSettings.Read other public
2e83d72d-8895-4b66-9eea-abb43449ab8b MailboxSettings.ReadWrite data public
17f07f5d-fb80-4278-ba37-70ae04d476a3 Organization.ReadWrite.All other public
fb698133-92fa-453e-a9ed-688e10f2e5ac POP.AccessAsUser.All data public
76faac2a-0f20-42f1-928a-50de5b9dbe52 SMTP.Send data public
eb665d05-7f76-4d1b-b176-1cfc814e668d User.Read.All other public
6222dbab-a24c-4210-9d91-2f47cf565614 User.ReadBasic.All other public

00000003-0000-0ff1-ce00-000000000000 Role
678536fe-1083-478a-9c59-b99265e6b0d3 Sites.FullControl.All data microsoft  the sites of everybody; the directory stays out of reach
9bff6588-13f2-4c48-bbf2-ddab62256b36 Sites.Manage.All data microsoft
d13f72ca-a275-4b96-b789-48ebcc4da984 Sites.Read.All data microsoft
fbcd29d2-fcca-4405-aded-518d457caae4 Sites.ReadWrite.All data microsoft  the sites of everybody; the directory stays out of reach
20d37865-089c-4dee-8c41-6967602d4ac8 Sites.Selected other microsoft
2a8d57a5-4090-4a41-bf1c-3c621d2ccad3 TermStore.Read.All other microsoft
c8e3537c-ec53-43b9-bed3-b2bd3617ae97 TermStore.ReadWrite.All other microsoft
df021288-bdef-4463-88db-98f22de89214 User.Read.All other microsoft
741f803b-c850-494e-b5df-cde7c675a1ca User.ReadWrite.All data microsoft  profiles of SharePoint, not accounts; the same id as the one of Microsoft Graph

00000003-0000-0ff1-ce00-000000000000 Scope
56680e0d-d2a3-4ae1-80d8-3c4f2100e3d0 AllSites.FullControl data microsoft
b3f70a70-8a4b-4f95-9573-d71c496a53f4 AllSites.Manage data microsoft
4e0d77b0-96ba-4398-af14-3baa780278f4 AllSites.Read data microsoft
640ddd16-e5b7-4d71-9690-3f4022699ee7 AllSites.Write data microsoft
b8341dab-4143-49da-8eb9-3d8c073f9e77 EnterpriseResource.Read other microsoft
2511a087-5795-4cae-9123-d5b7d6ec4844 EnterpriseResource.Write other microsoft
1a50df37-8278-4139-9af3-3b60d57dd007 Migration.ReadWrite.All other peer
dd2c8d78-58e1-46d7-82dd-34d411282686 MyFiles.Read data microsoft
2cfdc887-d7b4-4798-9b33-3d98d6b95dd2 MyFiles.Write data microsoft
2beb830c-70d1-4f5b-a983-79cbdb0c6c6a Project.Read other microsoft
d75a7b17-f04e-40d9-8e35-79b949bdb891 Project.Write other microsoft
e7e732bd-932b-45c4-8ce5-40d60a7daad9 ProjectWebApp.FullControl other microsoft
a4c14cd7-8bd6-4337-8e87-78623dfc023b ProjectWebAppReporting.Read other microsoft
5b625b3d-65b6-4fb0-85d9-8a5aa26bdf36 SharePointCrossTenantMigration.Manage.All data peer
1002502a-9a71-4426-8551-69ab83452fab Sites.Search.All data microsoft
9aaa3660-6678-4cb8-b4b5-be92b6f4fbf0 SitesMetadataAdmin.ReadWrite.All other peer
c4258712-0efb-41f1-b6bc-be58e4e32f3f TaskStatus.Submit other microsoft
a468ea40-458c-4cc2-80c4-51781af71e41 TermStore.Read.All other microsoft
59a198b5-0420-45a8-ae59-6da1cb640505 TermStore.ReadWrite.All other microsoft
0cea5a30-f6f8-42b5-87a0-84cc26822e02 User.Read.All other microsoft
82866913-39a9-4be7-8091-f4fa781088ae User.ReadWrite.All other microsoft

00000009-0000-0000-c000-000000000000 Role
654b31ae-d941-4e22-8798-7add8fdf049f Tenant.Read.All data public
28379fa9-8596-4fd9-869e-cb60a93b5d84 Tenant.ReadWrite.All data public  every report and what it is fed from; the directory stays out of reach

00000009-0000-0000-c000-000000000000 Scope
8b01a991-5a5a-47f8-91a2-84d6bfd72c02 App.Read.All other public
76e2ebd5-0dfb-4a5b-93c7-ed89e0362834 Capacity.Read.All other public
4eabc3d1-b762-40ff-9da5-0e18fdf11230 Capacity.ReadWrite.All other public
9ff18859-b8d5-4a89-9912-448b84dfb097 Connection.Read.All other peer
3be8fe94-2189-4d8b-89c6-dd35c5cea6ef Connection.ReadWrite.All other peer
f3076109-ca66-412a-be10-d4ee1be95d47 Content.Create other public
2448370f-f988-42cd-909c-6528efd67c1a Dashboard.Read.All other public
b271f05e-8329-4b97-baa4-91cf15b99cf1 Dashboard.ReadWrite.All data public
f9759906-80a4-4f4a-b010-24b832bc6a30 Dataflow.Read.All other public
ddd37690-e119-40c5-a821-3746ea6125c4 Dataflow.ReadWrite.All data public
7f33e027-4039-419b-938e-2f8ca153e68e Dataset.Read.All data public
322b68b2-0804-416e-86a5-d772c567b6e6 Dataset.ReadWrite.All data public
d2e42f6b-2baf-4ff4-83ef-51e66321516e Gateway.Read.All other public
ddb3ca45-a192-477d-acb2-46bf9dc586de Gateway.ReadWrite.All data public
d2bc95fc-440e-4b0e-bafd-97182de7aef5 Item.Read.All data peer
7a27a256-301d-4359-b77b-c2b759d2e362 Item.ReadWrite.All data peer
652d7d02-6ff0-4cf7-9516-cf77d33a3ae4 Pipeline.Deploy other public
dbe6434c-63f0-42bb-be8e-122ec1bad4d2 Pipeline.Read.All other public
199f155b-cccd-4be4-bbe6-ca9a867b24b4 Pipeline.ReadWrite.All other public
4ae1bf56-f562-4747-b7bc-2fa0874ed46f Report.Read.All data public
7504609f-c495-4c64-8542-686125a5a36f Report.ReadWrite.All data public
e677843f-76d8-44d3-bcdb-ec40dea919e7 StorageAccount.Read.All other public
27789c5b-aca8-4cb6-94b8-bcc8964dd8ad StorageAccount.ReadWrite.All other public
01944dba-21df-426f-bb8c-796488be96ad Tenant.Read.All data public
d594897b-76e7-4b2b-984b-b4adff35e109 Tenant.ReadWrite.All data public  every report and what it is fed from; the directory stays out of reach
b43e1ada-25ee-416f-bd5c-512976ddc74b UserState.ReadWrite.All other public
b2f1b2fa-f35c-407c-979c-a858a808ba85 Workspace.Read.All other public
445002fb-a6f2-4dc1-a81e-4254a111cd29 Workspace.ReadWrite.All data public

7df0a125-d3be-4c96-aa54-591f83ff541c Scope
d05743e4-fb24-4dff-8a33-0f6c73c964bd Approvals.Manage.All other peer
e9cbd5de-0031-493e-8fb1-60712d03cc8b Approvals.Read.All other peer
30b2d850-00c3-4802-b7ae-ece9af9de5c6 Flows.Manage.All data peer
e45c5562-459d-4d1b-8148-83eb1b6dcf83 Flows.Read.All other peer
0b575251-2c95-46df-bc75-c8c43e6b7116 Flows.Read.Plans other peer
27c61d54-eb42-4315-8793-6e5715a19746 Flows.Write.Plans other peer

475226c6-020e-4fb2-8a90-7a972cbfc1d4 Scope
0eb56b90-a7b5-43b5-9402-8137a8083e90 User whole peer

c5393580-f805-4401-95e8-94b7a6ef2fc2 Role
594c1fb6-4f81-4475-ae41-0c394909246c ActivityFeed.Read other public
4807a72c-ad38-4250-94c9-4eabfe26cd55 ActivityFeed.ReadDlp data public
b3b78c39-cb1d-4d17-820a-25d9196a800e ActivityReports.Read other public
e2cea78f-e743-4d8f-a16a-75b629a038ae ServiceHealth.Read other public
17f1c501-83cd-414c-9064-cd10f7aef836 ThreatIntelligence.Read other public

c5393580-f805-4401-95e8-94b7a6ef2fc2 Scope
594c1fb6-4f81-4475-ae41-0c394909246c ActivityFeed.Read other public
4807a72c-ad38-4250-94c9-4eabfe26cd55 ActivityFeed.ReadDlp data public
b3b78c39-cb1d-4d17-820a-25d9196a800e ActivityReports.Read other public
e2cea78f-e743-4d8f-a16a-75b629a038ae ServiceHealth.Read other public
17f1c501-83cd-414c-9064-cd10f7aef836 ThreatIntelligence.Read other public

48ac35b8-9aa8-4d74-927d-1f4a14a0b239 Scope
e60370c1-e451-437e-aa6e-d76df38e5f15 user_impersonation whole public

996def3d-b36c-4153-8607-a6fd3c01b89f Role
a42b0b75-311e-488d-b67e-8fe84f924341 API.ReadWrite.All data public
d365bc00-a990-0000-00bc-160000000001 Automation.ReadWrite.All data public

996def3d-b36c-4153-8607-a6fd3c01b89f Scope
2fb13c28-9d89-417f-9af2-ec3065bc16e6 Financials.ReadWrite.All whole public

00000012-0000-0000-c000-000000000000 Role
e23bd57d-bfd5-4906-867f-89fb5ed8cd43 Application.Read.All other public
7347eb49-7a1a-43c5-8eac-a5cd1d1c7cf0 Content.SuperUser data public

870c4f2e-85b6-4d43-bdda-6ed9a579b725 Role
8b2071cd-015a-4025-8052-1c0dba2d3f64 UnifiedPolicy.Tenant.Read other public

00000007-0000-0000-c000-000000000000 Scope
78ce3f0f-a1ce-49c2-8cde-64b5c0896db4 user_impersonation whole public
"""
