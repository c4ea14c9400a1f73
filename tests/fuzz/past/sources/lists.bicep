var a0 = ['x']
var a1 = [
  a0
  a0
  a0
  a0
  a0
  a0
  a0
  a0
  a0
  a0
]
var a2 = [
  a1
  a1
  a1
  a1
  a1
  a1
  a1
  a1
  a1
  a1
]
var a3 = [
  a2
  a2
  a2
  a2
  a2
  a2
  a2
  a2
  a2
  a2
]
var a4 = [
  a3
  a3
  a3
  a3
  a3
  a3
  a3
  a3
  a3
  a3
]
var a5 = [
  a4
  a4
  a4
  a4
  a4
  a4
  a4
  a4
  a4
  a4
]
var a6 = [
  a5
  a5
  a5
  a5
  a5
  a5
  a5
  a5
  a5
  a5
]
var a7 = [
  a6
  a6
  a6
  a6
  a6
  a6
  a6
  a6
  a6
  a6
]
var a8 = [
  a7
  a7
  a7
  a7
  a7
  a7
  a7
  a7
  a7
  a7
]
resource a 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'a'
  displayName: 'a'
  tags: a8
}
